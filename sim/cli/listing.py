"""`list`: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli import OK
from sim.cli.console import console, table
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.shipped import shipped_root

WHAT = ("places", "policies", "experiments", "mechanisms", "metrics")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    out = console()
    for what in [args.what] if args.what else WHAT:
        out.print(f"{what.capitalize()}:", style="bold")
        if what == "metrics":
            _metrics()
        elif what == "mechanisms":
            _mechanisms()
        elif what == "places":
            _places()
        elif what == "experiments":
            _experiments()
        else:
            names = scenario_names(what)
            out.print("  " + (", ".join(names) if names else "none yet"))
        out.print()
    return OK


def scenario_names(folder: str) -> list[str]:
    """Names of the scenario files of a folder: shipped, and in ./scenarios."""
    roots = {shipped_root(), Path("scenarios")}
    return sorted({path.stem for root in roots for path in (root / folder).glob("*.yaml")})


def _places() -> None:
    grid = table("  name", "place", "window", "villages", "townships", "people", right=(3, 4, 5))
    for name in scenario_names("places"):
        try:
            place = load_place(name)
        except ScenarioError as error:
            grid.add_row(
                f"  {name}", f"not valid: {len(error.faults)} fault(s), see validate", "", "", "", ""
            )
            continue
        grid.add_row(
            f"  {name}",
            f"{place.title.en} {place.title.zh}",
            f"{place.window.start} to {place.window.end}",
            f"{int(place.villages.count):,}",
            f"{int(place.townships.count):,}",
            f"{int(place.population.persons):,}",
        )
    console().print(grid)


def _experiments() -> None:
    grid = table("  name", "experiment", "counties", "people", "about", right=(2, 3))
    for name in scenario_names("experiments"):
        try:
            experiment = load_experiment(name).experiment
        except ScenarioError as error:
            grid.add_row(f"  {name}", f"not valid: {len(error.faults)} fault(s), see validate", "", "", "")
            continue
        title, totals = experiment.title, experiment.totals
        grid.add_row(
            f"  {name}",
            f"{title.en} {title.zh}",
            f"{int(totals.counties):,}",
            f"{int(totals.persons):,}",
            experiment.about,
        )
    console().print(grid)


def _mechanisms() -> None:
    grid = table("  name", "in Chinese", "acts at", "meaning")
    for name, mechanism in MECHANISMS.items():
        grid.add_row(f"  {name}", mechanism.zh, mechanism.acts_at, mechanism.about)
    console().print(grid)


def _metrics() -> None:
    grid = table("  name", "unit", "layer", "by", "meaning")
    for name, metric in KNOWN_METRICS.items():
        grid.add_row(f"  {name}", metric.unit, metric.layer, metric.by, metric.about)
    console().print(grid)
