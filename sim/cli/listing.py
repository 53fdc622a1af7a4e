"""`list`: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli import OK
from sim.cli.console import console, table
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policies import load_policy, measures_of
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
            _policies()
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
    grid = table("  name", "experiment", "what", "about")
    for name in scenario_names("experiments"):
        try:
            if is_comparison(name):
                design = load_comparison(name)
                title, about = design.comparison.title, design.comparison.about
                what = f"comparison, {len(design.places)} place(s), {len(design.cells)} policies in all"
            else:
                experiment = load_experiment(name).experiment
                title, about = experiment.title, experiment.about
                what = f"nation, {int(experiment.totals.counties):,} counties"
        except ScenarioError as error:
            grid.add_row(f"  {name}", f"not valid: {len(error.faults)} fault(s), see validate", "", "")
            continue
        grid.add_row(f"  {name}", f"{title.en} {title.zh}", what, about)
    console().print(grid)


def _policies() -> None:
    grid = table("  name", "policy", "mechanisms")
    for name in scenario_names("policies"):
        try:
            policy = load_policy(name)
            mechanisms = ", ".join(m.mechanism for m in measures_of(policy))
        except ScenarioError as error:
            grid.add_row(f"  {name}", f"not valid: {len(error.faults)} fault(s), see validate", "")
            continue
        grid.add_row(f"  {name}", f"{policy.title.en} {policy.title.zh}", mechanisms)
    console().print(grid)


def _mechanisms() -> None:
    grid = table("  name", "in Chinese", "acts at", "meaning", "who pays")
    for name, mechanism in MECHANISMS.items():
        grid.add_row(f"  {name}", mechanism.zh, mechanism.acts_at, mechanism.about, mechanism.pays)
    console().print(grid)


def _metrics() -> None:
    grid = table("  name", "unit", "layer", "by", "meaning")
    for name, metric in KNOWN_METRICS.items():
        grid.add_row(f"  {name}", metric.unit, metric.layer, metric.by, metric.about)
    console().print(grid)
