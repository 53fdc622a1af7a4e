"""What there is: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import pandas as pd

from sim.language import Message, Text, marked
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load_place
from sim.scenario.lookup import names, unreadable
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policies import load_policy, measures_of
from sim.studies.county import about_place
from sim.studies.study import Study, key_of

What = Literal["places", "policies", "experiments", "mechanisms", "metrics"]
WHAT: tuple[What, ...] = ("places", "policies", "experiments", "mechanisms", "metrics")
IN_FILES: tuple[What, ...] = ("places", "policies", "experiments")


@dataclass(frozen=True)
class Listing(Study):
    """What there is of the kinds that were asked for."""

    command: ClassVar[str] = "list"
    what: tuple[What, ...]

    @cached_property
    def found(self) -> dict[str, list[dict[str, Any]]]:
        """By kind, what there is; a file that cannot be used has the number of its faults."""
        return {what: _found(what) for what in self.what}

    def tables(self) -> dict[str, pd.DataFrame]:
        """A table of each kind."""
        return {what: pd.DataFrame(rows) for what, rows in self.found.items()}

    def messages(self) -> list[Text]:
        """Folders that cannot be looked into."""
        said = marked("{folder} cannot be listed: {reason}")
        return [
            Message(said, folder=folder, reason=reason)
            for what in self.what
            if what in IN_FILES
            for folder, reason in unreadable(what)
        ]

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        return {"command": self.command, "key": key_of(self.what), "what": self.what}

    def answer(self) -> dict[str, Any]:
        """Everything that was found."""
        return dict(self.found)


def listing(what: What | None = None) -> Listing:
    """Places, policies, experiments, mechanisms and metrics by name; all kinds by default."""
    return Listing(WHAT if what is None else (what,))


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
    for name in names(what):
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
