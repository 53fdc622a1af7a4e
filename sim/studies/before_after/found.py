"""The answer to what changes after a date, and because of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.scenario.metrics import FOLLOWED
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.terms import Term
from sim.statistics.quantiles import central
from sim.studies.before_after.periods import RUNS, Periods, against_others, against_trend, change, verdict
from sim.studies.before_after.words import sentences_of
from sim.studies.county import about_parameters, about_place
from sim.studies.inputs import Inputs
from sim.studies.possible import sentences
from sim.studies.study import Sketch, Study

ENOUGH = 100  # replications, of which five lie beyond each end of the range that a claim is compared with


@dataclass(frozen=True)
class Asked:
    """What was asked: `policy` instead of `baseline` from `start` on, over `before` and `after` days around it.

    `villages` many, those with most of `by` in `earlier` days before the base (0: in the base), are followed beside
    all; `trends` are yearly changes of no policy, LOW and HIGH percent, and `claims` reported changes in percent, by
    metric. `posterior` is None at central values.
    """

    place: Place
    policy: str
    baseline: str
    measures: tuple[Measure, ...]
    without: tuple[Measure, ...]
    start: date
    before: int
    after: int
    villages: int | None
    by: str
    earlier: int
    trends: dict[str, tuple[float, float]]
    claims: dict[str, float]
    replications: int
    draws: int
    posterior: ParameterDraws | None
    seed: int
    key: str
    told: dict[str, str]
    inputs: Inputs

    @property
    def drawn(self) -> ParameterDraws | None:
        """The parameter draws, where there are several."""
        return self.posterior if self.draws > 1 else None


@dataclass(frozen=True)
class BeforeAfter(Study):
    """What changes in percent: anyway, as seen with the policy, and by its effect."""

    command: ClassVar[str] = "before-after"
    asked: Asked
    found: Periods = field(repr=False)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Changes by metric, for all villages and the chosen ones; see `changes`."""
        return changes(self.found, self.asked.claims, self.asked.villages, self.asked.by, self.trends)

    @cached_property
    def trends(self) -> dict[str, NDArray[np.float64]]:
        """A trend for each replication, by metric, percent a year: evenly from its range."""
        n = len(next(iter(self.found.counts.values())))
        rng = np.random.default_rng([self.asked.seed, 62])
        return {metric: rng.uniform(low, high, n) for metric, (low, high) in self.asked.trends.items()}

    @cached_property
    def compared(self) -> pd.DataFrame:
        """Differences in differences by metric; see `compared`."""
        return compared(self.found, self.trends)

    @property
    def impossible(self) -> dict[str, int]:
        """Parameter draws under which staff lack the hours, by policy."""
        named = dict(zip(RUNS, (self.asked.baseline, self.asked.policy), strict=True))
        return {named[run]: n for run, n in self.found.impossible.items()}

    def tables(self) -> dict[str, pd.DataFrame]:
        """`changes`, and `compared` where some villages begin and others do not, or a trend was given."""
        return {"changes": self.changes} | ({"compared": self.compared} if len(self.compared) else {})

    def figures(self) -> dict[str, Sketch]:
        """The three distributions of every metric."""
        return {"before_after": Sketch("before_after", {"asked": self.asked, "found": self.found})}

    def sentences(self) -> list[Text]:
        """What the county would see, what it would see anyway, and what to conclude."""
        return list(sentences_of(self.changes, self.compared, self.asked))

    def messages(self) -> list[Text]:
        """Too few replications for a claim; parameter draws that count for none."""
        few = self.asked.replications
        said: list[Text] = []
        if self.asked.claims and few < ENOUGH:
            said.append(
                Message(
                    "A claim is judged here from {n} replications; fewer than {m} do not show what happens in nine of "
                    "ten runs. Add --replications.",
                    n=few,
                    m=ENOUGH,
                )
            )
        return [*said, *sentences(self.impossible, [], self.found.looked)]

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        return {
            "command": self.command,
            "key": self.asked.key,
            "asked": self.asked.told,
            "posterior": self.asked.drawn.key if self.asked.drawn else None,
            "inputs": self.asked.inputs,
        }

    def answer(self) -> dict[str, Any]:
        """The changes for programs."""
        asked = self.asked
        return {
            "place": about_place(asked.place),
            "policy": asked.policy,
            "baseline": asked.baseline,
            "start": asked.start,
            "days": {"before": asked.before, "after": asked.after},
            "seed": asked.seed,
            "replications": asked.replications,
            "draws": asked.draws,
            **about_parameters(asked.place, asked.drawn),
            "unit": "%",
            "interval": "central 90 % of replications",
            "changes": self.changes,
            "compared": self.compared,
            "chosen_on_days": asked.earlier,
            "impossible_draws": self.impossible,
            "looked_at_draws": self.found.looked,
        }


def changes(
    found: Periods,
    claims: dict[str, float],
    villages: int | None,
    by: str,
    trends: Mapping[str, NDArray[np.float64]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Changes in percent: 5 %, median and 95 % over replications; by metric, for all villages and the chosen ones.

    Where the policy begins in some villages only, these have rows of their own. Words in it are English in every
    language: the table is kept.
    """
    groups: list[tuple[Text, dict[str, Any]]] = [("all", {})]
    if found.treated is not None:
        begin = Message("{n} in which it begins", n=int(found.treated.sum()))
        groups.append((begin, {"treated": True}))
    if villages:
        most = Message("{n} with most {metric}", n=villages, metric=Term("metric", by))
        groups.append((most, {"villages": villages, "by": by}))
    rows = []
    for named, which in groups:
        for name in FOLLOWED:
            one = change(found, name, trend=trends.get(name, 0.0), **which)
            seen = verdict(one, claims.get(name, float("nan")))
            row: dict[str, object] = {"villages": named, "metric": name}
            for what in ("anyway", "seen", "effect"):
                low, middle, high = getattr(seen, what)
                row |= {f"{what}_low": low, f"{what}_median": middle, f"{what}_high": high}
            row |= {
                "claimed": claims.get(name, float("nan")),
                "verdict": seen.words if name in claims else "",
            }
            rows.append(row)
    return pd.DataFrame(rows)


def compared(found: Periods, trends: Mapping[str, NDArray[np.float64]]) -> pd.DataFrame:
    """Differences in differences in percent, 5 %, median and 95 % over replications.

    By metric: `compared_with` says with what; `seen` is with the policy, `anyway` the same comparison though nothing is
    done, `effect` what the policy does to the villages in which it begins.
    """
    rows = []
    for name in FOLLOWED:
        pairs = [("villages without it", against_others(found, name))] if found.treated is not None else []
        pairs += [("the province's trend", against_trend(found, name))] if name in trends else []
        truth = central(change(found, name, treated=True).effect)
        for with_what, one in pairs:
            row: dict[str, object] = {"compared_with": with_what, "metric": name}
            bands = {"anyway": central(one.without), "seen": central(one.with_it), "effect": truth}
            for what, (low, middle, high) in bands.items():
                row |= {f"{what}_low": low, f"{what}_median": middle, f"{what}_high": high}
            rows.append(row)
    return pd.DataFrame(rows)
