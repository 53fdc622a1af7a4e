"""`list`: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.cli import OK
from sim.cli.console import console, table
from sim.cli.machine import about_place, answer
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
    chosen = [args.what] if args.what else WHAT
    if args.json:
        answer(args, {what: _found(what) for what in chosen})
        return OK
    out = console()
    for what in chosen:
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


def _found(what: str) -> list[dict[str, Any]]:
    """What there is of a kind, for programs; a file that cannot be used has the number of its faults."""
    if what == "metrics":
        return [
            {"name": n, "unit": m.unit, "layer": m.layer, "by": m.by, "about": m.about}
            for n, m in KNOWN_METRICS.items()
        ]
    if what == "mechanisms":
        return [
            {"name": n, "zh": m.zh, "acts_at": m.acts_at, "about": m.about, "pays": m.pays}
            for n, m in MECHANISMS.items()
        ]
    look: dict[str, Callable[[str], dict[str, Any]]] = {
        "places": _place,
        "policies": _policy,
        "experiments": _experiment,
    }
    out = []
    for name in scenario_names(what):
        try:
            out.append({"name": name, "faults": 0, **look[what](name)})
        except ScenarioError as error:
            out.append({"name": name, "faults": len(error.faults)})
    return out


def _place(name: str) -> dict[str, Any]:
    place = load_place(name)
    counts = (place.villages.count, place.townships.count, place.population.persons)
    return about_place(place) | dict(
        zip(("villages", "townships", "persons"), (int(x) for x in counts), strict=True)
    )


def _policy(name: str) -> dict[str, Any]:
    policy = load_policy(name)
    return {"title": policy.title, "mechanisms": [m.mechanism for m in measures_of(policy)]}


def _experiment(name: str) -> dict[str, Any]:
    if not is_comparison(name):
        experiment = load_experiment(name).experiment
        counties = int(experiment.totals.counties)
        return {
            "title": experiment.title,
            "about": experiment.about,
            "design": "nation",
            "counties": counties,
        }
    design = load_comparison(name)
    about = {"title": design.comparison.title, "about": design.comparison.about, "design": "comparison"}
    return {**about, "places": list(design.places), "policies": len(design.cells)}
