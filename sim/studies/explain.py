"""Every number of a place with value, unit, range, status and source; or its STRESS-DES sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import pandas as pd

from sim.scenario.effects_file import EffectEvidence, effects
from sim.scenario.explain import Row
from sim.scenario.explain import explain as rows_of_place
from sim.scenario.explain import explain_measures as rows_of_measures
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure, names
from sim.studies.county import Where, about_place, as_county
from sim.studies.multiplier import effect_parameters
from sim.studies.stress import stress_sheet
from sim.studies.study import Study, key_of

Only = Literal["reported", "derived", "external", "assumed"]


@dataclass(frozen=True)
class Explanation(Study):
    """The parameters of a place and of the mechanisms in force; `only` those of one status are shown.

    `stress` asks for the STRESS-DES checklist in their stead.
    """

    command: ClassVar[str] = "explain"
    place: Place
    policy: str
    measures: tuple[Measure, ...]
    only: str | None = None
    stress: bool = False

    @cached_property
    def rows(self) -> list[Row]:
        """All parameters, whatever their status."""
        return [*rows_of_place(self.place), *rows_of_measures(self.measures)]

    @property
    def shown(self) -> list[Row]:
        """Those of the status that was asked for."""
        return [row for row in self.rows if self.only in (None, row.status)]

    @property
    def counts(self) -> dict[str, int]:
        """How many of all have each status, most frequent first."""
        return dict(Counter(str(row.status) for row in self.rows).most_common())

    @cached_property
    def effects(self) -> dict[str, list[str]]:
        """By mechanism in force the parameters that say how much it achieves; none where it has no assumed effect."""
        return {
            m.mechanism: [f"{m.mechanism}:{name}" for name in effect_parameters(m, self.place)]
            for m in self.measures
        }

    @cached_property
    def sheet(self) -> str:
        """The STRESS-DES checklist, filled in from the scenario; Markdown."""
        return stress_sheet(self.place)

    @cached_property
    def studies(self) -> dict[str, EffectEvidence]:
        """What studies found on the effects of each mechanism in force, or what was searched for in vain."""
        known = effects()
        return {m: known[m] for m in names(self.measures)}

    def tables(self) -> dict[str, pd.DataFrame]:
        """`parameters`: path, value, unit, low, high, status, source, note."""
        return {"parameters": pd.DataFrame([asdict(row) for row in self.shown])}

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        asked = {"place": self.place.name, "policy": self.policy, "only": self.only, "stress": self.stress}
        scenario = self.place.model_dump(mode="json")
        return {"command": self.command, "key": key_of([asked, scenario]), "asked": asked}

    def answer(self) -> dict[str, Any]:
        """The parameters for programs; `counts` are of all of them."""
        if self.stress:
            return {"place": about_place(self.place), "stress_des": self.sheet}
        keys = {row.source for row in self.rows} | {key for e in self.studies.values() for key in e.found}
        used = sorted(keys & self.place.sources.keys())
        return {
            "place": about_place(self.place),
            "policy": self.policy,
            "mechanisms": [m.mechanism for m in self.measures],
            "effects": self.effects,
            "parameters": self.shown,
            "counts": self.counts,
            "studies": {
                m: {"found": e.found, "finding": e.finding, "searched": e.searched}
                for m, e in self.studies.items()
            },
            "sources": {key: self.place.sources[key] for key in used},
        }


def explain(
    place: Where,
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
    policy: str = "practice",
    only: Only | None = None,
    stress: bool = False,
) -> Explanation:
    """Every number of a place, and of the mechanisms of a policy, with where it comes from."""
    found = as_county(place, sets).place
    return Explanation(found, policy, parse(policy, found), only, stress)
