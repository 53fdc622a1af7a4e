"""`list`: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.cli import OK
from sim.cli.machine import about_place, answer
from sim.language import current, marked, tr
from sim.scenario import terms
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policies import load_policy, measures_of
from sim.scenario.shipped import shipped_root
from sim.show.text.console import console, table

WHAT = ("places", "policies", "experiments", "mechanisms", "metrics")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen = [args.what] if args.what else WHAT
    if args.json:
        answer(args, {what: _found(what) for what in chosen})
        return OK
    out = console()
    for what in chosen:
        out.print(tr("{heading}:", heading=tr(what.capitalize())), style="bold")
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


def _not_valid(error: ScenarioError) -> str:
    return tr("not valid: {n} fault(s), see validate", n=len(error.faults))


def _places() -> None:
    columns = (tr("  name"), tr("place"), tr("window"), tr("villages"), tr("townships"), tr("people"))
    grid = table(*columns, right=(3, 4, 5))
    for name in scenario_names("places"):
        try:
            place = load_place(name)
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "", "", "", "")
            continue
        grid.add_row(
            f"  {name}",
            terms.title(place.title),
            tr("{start} to {end}", start=place.window.start, end=place.window.end),
            f"{int(place.villages.count):,}",
            f"{int(place.townships.count):,}",
            f"{int(place.population.persons):,}",
        )
    console().print(grid)


def _experiments() -> None:
    grid = table(tr("  name"), tr("experiment"), tr("what"), tr("about"))
    for name in scenario_names("experiments"):
        try:
            if is_comparison(name):
                design = load_comparison(name)
                title, about = design.comparison.title, design.comparison.about
                said = marked("comparison, {n} place(s), {m} policies in all")
                what = tr(said, n=len(design.places), m=len(design.cells))
            else:
                experiment = load_experiment(name).experiment
                title, about = experiment.title, experiment.about
                what = tr("nation, {n:,} counties", n=int(experiment.totals.counties))
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "", "")
            continue
        grid.add_row(f"  {name}", terms.title(title), what, tr(about))
    console().print(grid)


def _policies() -> None:
    grid = table(tr("  name"), tr("policy"), tr("mechanisms"))
    for name in scenario_names("policies"):
        try:
            policy = load_policy(name)
            mechanisms = tr(", ").join(terms.mechanism(m.mechanism) for m in measures_of(policy))
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "")
            continue
        grid.add_row(f"  {name}", terms.title(policy.title), mechanisms)
    console().print(grid)


def _mechanisms() -> None:
    grid = table(tr("  name"), tr("in Chinese"), tr("acts at"), tr("meaning"), tr("who pays"))
    for name, one in MECHANISMS.items():
        grid.add_row(f"  {name}", one.zh, tr(one.acts_at), tr(one.about), tr(one.pays))
    console().print(grid)


def _metrics() -> None:
    in_words = current() != "en"  # beside the name that is typed
    called = (tr("metric"),) if in_words else ()
    grid = table(tr("  name"), *called, tr("unit"), tr("layer"), tr("by"), tr("meaning"))
    for name, metric in KNOWN_METRICS.items():
        called = (terms.metric(name),) if in_words else ()
        cells = (terms.unit(metric.unit, name), tr(metric.layer), tr(metric.by), tr(metric.about))
        grid.add_row(f"  {name}", *called, *cells)
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
