"""Frames to draw: of a small place, run for real, and made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from sim.outcomes import COLUMNS
from sim.runs.case import Case
from sim.runs.store import identified, joined
from sim.scenario.place import Place
from tests.places import rich_place

NAMES = {
    "Liucheng county": "柳城县",
    "Baojing county": "保靖县",
    "Daliu town": "大柳镇",
    "Fengcheng city": "丰城市",
    "Jiang county": "绛县",
}
SMALL = {
    "population": {"persons": 15_000},
    "villages": {"count": 8},
    "townships": {"count": 2},
    "window": {"warm_up": 60},
}
TARGETS = [
    {"metric": "mediated", "value": 1294, "exactness": "exact", "role": "calibrate"},
    {"metric": "success_rate", "value": 98.2, "exactness": "rounded", "decimals": 1, "role": "hold_out"},
    {"metric": "villages_without_petition", "value": 6, "exactness": "at_least", "role": "context"},
    {"metric": "petitions_per_1000", "value": 0.5, "exactness": "at_most", "decimals": 1, "role": "context"},
    {"metric": "nothing_passed_up_share", "value": 100, "exactness": "at_least", "role": "context"},
]


def small_place(en: str = "A made-up place", zh: str = "虚构之地", **sections: object) -> Place:
    """The rich place with few people, and reported figures."""
    targets = [{**target, "source": "made_up"} for target in TARGETS]
    return rich_place(title={"en": en, "zh": zh}, **{**SMALL, "targets": targets, **sections})


def frame_of(place: Place, replications: int) -> pd.DataFrame:
    """The frame of a run, as `write_result` has it."""
    case = Case(place, None, 1, "place", engine="reference")
    rows = (identified(case.measure(0, r).rows, 0, r) for r in range(replications))
    frame: pd.DataFrame = joined(rows).to_pandas()
    return frame[["replication", *COLUMNS]]


@cache
def small_frame() -> pd.DataFrame:
    """Four replications of the small place."""
    return frame_of(small_place(), 4)


@cache
def courtless() -> tuple[Place, pd.DataFrame]:
    """A place from which nothing gets to a court or a decision, and its frame."""
    tiers = dict.fromkeys(("decision", "court_mediation", "trial"))
    shares = {"village": 0.6, "township": 0.2, "police": 0.15, "court": 0.0, "petition": 0.05}
    going = {"suit_rate": 0, "sues": 0.0, "applies_for_decision": 0.0}
    place = small_place(tiers=tiers, detection={"party_choice": shares}, going=going)
    return place, frame_of(place, 2)


Row = tuple[int, str, str, float]


def by_hand(rows: Iterable[Row]) -> pd.DataFrame:
    """A frame of the true layer from (replication, metric, group, value)."""
    return pd.DataFrame(
        [(r, metric, "true", "", "", group, value, np.nan) for r, metric, group, value in rows],
        columns=["replication", *COLUMNS],
    )
