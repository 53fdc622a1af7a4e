"""The plan of a trial: which villages have the policy from when on, by lot, and as a policy file for `before-after`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from sim.scenario.checks import COMMAND_LINE
from sim.scenario.place import Place
from sim.scenario.policy import Coverage, Measure
from sim.scenario.yaml_text import comment
from sim.statistics.cluster_trials import parallel, wedge
from sim.studies.pilot.choice import Recommended
from sim.studies.pilot.worlds import BASE, DAYS_PER_MONTH

NAME = "plan.yaml"


@dataclass(frozen=True)
class Allotment:
    """Of each village of a trial its group (0: without the policy to the end), and when the policy begins there."""

    villages: NDArray[np.int64]  # numbers from 1
    township: NDArray[np.int64]
    group: NDArray[np.int64]
    start: tuple[date | None, ...]

    def table(self) -> pd.DataFrame:
        """A row per village; no start where the policy does not come."""
        return pd.DataFrame(
            {
                "village": self.villages,
                "township": self.township,
                "group": self.group,
                "start": ["" if day is None else day.isoformat() for day in self.start],
            }
        )


def allot(
    chosen: Recommended, base: NDArray[np.float64], township: NDArray[np.int64], start: date, seed: int
) -> Allotment:
    """Draw villages and groups by lot. `base` has shape (villages,), by which pairs are matched; townships from 0."""
    rng = np.random.default_rng([seed, 20_261_127])
    design, n = chosen.design, chosen.number("clusters")
    there = township >= 0
    clusters = np.unique(township[there]) if design == "townships" else np.flatnonzero(there)
    taken = rng.permutation(clusters)[:n]
    months = chosen.number("months")
    if design == "wedge":
        steps = chosen.number("steps")
        treated = wedge(n, steps)
        group = treated.shape[1] - treated.sum(axis=1).astype(np.int64)
        edges = [round(i * months / (steps + 1)) for i in range(steps + 1)]
        begins = [start + timedelta(days=round(edges[g] * DAYS_PER_MONTH)) for g in range(steps + 1)]
    elif design == "pairs":
        taken = taken[np.argsort(-base[taken], kind="stable")]
        first = rng.integers(0, 2, n // 2)
        group = np.stack([first, 1 - first], axis=1).ravel()
        begins = [start, start]
    else:
        group = parallel(n)[:, 0].astype(np.int64)
        begins = [start, start]
    if design == "townships":
        of = dict(zip(taken.tolist(), group.tolist(), strict=True))
        villages = np.flatnonzero(there & np.isin(township, taken))
        group = np.array([of[int(t)] for t in township[villages]], dtype=np.int64)
    else:
        villages = taken
    order = np.argsort(villages)
    villages, group = villages[order], group[order]
    days = tuple(begins[int(g)] if g else None for g in group)
    return Allotment(villages + 1, township[villages] + 1, group, days)


def plan_text(
    place: Place,
    policy: str,
    new: Sequence[Measure],
    allotment: Allotment,
    months: int,
    file: str,
    baseline: str,
) -> str:
    """A policy file: the measures of the policy, each in the villages of a group from the day of that group on."""
    measures = []
    for number in sorted(set(allotment.group.tolist()) - {0}):
        own = allotment.group == number
        update = {
            "coverage": Coverage(villages=allotment.villages[own].tolist()),
            "start": allotment.start[int(np.argmax(own))],
        }
        measures += [_sourced(m, place).model_copy(update=update) for m in new]
    used = {q.source for m in new for q in m.parameters.values()}
    told = {
        "schema_version": 1,
        "name": f"trial_{place.name}",
        "title": {
            "en": f"A trial of {policy} in {place.title.en}",
            "zh": f"{place.title.zh or place.title.en}试点",
        },
        "about": "Villages by lot. Made by pilot; numbers of villages are those of allotment.csv.",
        "sources": {
            key: place.sources[key].model_dump(mode="json") for key in sorted(used & place.sources.keys())
        },
        "measures": [m.model_dump(mode="json", exclude_defaults=True) for m in measures],
    }
    first = min(d for d in allotment.start if d is not None)
    head = [
        "The plan of a trial, as a policy: each measure in some villages, from a day on. When the data are in, give",
        "the change that was seen, in percent, and see what it would have been without the policy:",
        f"python run_sim.py before-after {file} +{NAME} --baseline={baseline} --start {first} "
        f"--before {round(BASE * DAYS_PER_MONTH)} --after {round(months * DAYS_PER_MONTH)} --claim filings=-10",
    ]
    body = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110)
    return "".join(f"{comment(line)}\n" for line in head) + body


def _sourced(measure: Measure, place: Place) -> Measure:
    """The measure with parameters whose sources the file can name; of others it says that they were given."""
    told = {
        name: q if q.source in place.sources else q.model_copy(update={"source": COMMAND_LINE})
        for name, q in measure.parameters.items()
    }
    return measure.model_copy(update={"parameters": told})
