"""What knowledge is worth and what a target does, on a made-up place that two policies act on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.scenario.metrics import CONFLICT, KNOWN_METRICS, Column
from sim.studies.net_benefit import Values, benefits_of
from sim.studies.panel import Panel
from sim.studies.record_and_truth import TARGET, record_and_truth
from sim.studies.study_value import EVERYTHING, READING, knowing
from sim.studies.worth_table import over_values

LABELS = ["practice", "+a", "+b"]


class Found:
    """Outcomes by column and policy."""

    def __init__(self, values: dict[tuple[Column, int], np.ndarray]) -> None:
        self.held = values
        self.columns = list(dict.fromkeys(column for column, _ in values))

    def has(self, column: Column, policy: int) -> bool:
        return (column, policy) in self.held

    def values(self, column: Column, policy: int) -> np.ndarray:
        return self.held[column, policy].ravel()


def place(effects: np.ndarray, found: Any = None) -> Any:
    """A place of which draws belong to two readings in turn; `effects` has shape (2 policies, 2 readings)."""
    rng = np.random.default_rng(1)
    draws = 40
    base = 100 + rng.normal(0, 5, (draws, 4))
    values = [base] + [
        base + e[np.arange(draws) % 2][:, None] + rng.normal(0, 0.1, (draws, 4)) for e in effects
    ]
    panel = Panel(tuple(LABELS), (Column(CONFLICT),), np.array(values)[:, None])
    groups = [d % 2 for d in range(draws)]
    return SimpleNamespace(
        panel=panel,
        groups=groups,
        readings=["proportional", "target_driven"],
        labels=LABELS,
        own=lambda reading: (
            np.arange(draws) % 2 == (reading == "target_driven") if reading else np.ones(draws, bool)
        ),
        found=found,
        counted=np.ones(draws, dtype=bool),
    )


def known(one: Any) -> pd.DataFrame:
    """The worth of knowing the reading and all parameters, by the objective."""
    return knowing(one, [], benefits_of(one, Values(), pd.DataFrame()), CONFLICT)


def test_the_reading_is_worth_what_choosing_by_it_gains() -> None:
    """Under one reading the first policy is better by 4, under the other the second: half of the draws each."""
    frame = known(place(np.array([[-4.0, 0.0], [0.0, -4.0]]))).set_index("known")["worth"]
    assert frame[READING] == pytest.approx(2.0, abs=0.1) and frame[READING] <= frame[EVERYTHING] <= 2.2
    same = known(place(np.array([[-4.0, -2.0], [0.0, 0.0]]))).set_index("known")["worth"]
    assert same[READING] == 0.0 and same[EVERYTHING] == pytest.approx(0.0, abs=0.01)


def test_the_frontier_turns_where_a_policy_pays() -> None:
    costs = pd.DataFrame({"policy": ["+a", "+b"], "yuan": [400.0, 0.0]})
    frame = over_values(place(np.array([[-4.0, -4.0], [-1.0, -1.0]])), costs)
    best = frame[frame["frontier"]].set_index("yuan_per_unit")["policy"]
    assert best.iloc[0] in ("practice", "+b") and best.iloc[-1] == "+a"
    turn = max(value for value, policy in best.items() if policy != "+a")
    assert turn <= 400 / 3 <= min(value for value, policy in best.items() if policy == "+a")
    assert np.allclose(frame.groupby("yuan_per_unit")["p_best"].sum(), 1.0)


def test_a_target_raises_the_rate_and_leaves_the_truth() -> None:
    rng = np.random.default_rng(2)
    plain, driven = KNOWN_METRICS["success_rate"].columns()
    truth = 75 + rng.normal(0, 1, (40, 4))
    truth[1::2] -= 20.0  # under target-driven recording less succeeds: a record is told over its own draws
    held = {}
    for i in range(3):
        held |= {
            (plain, i): truth,
            (driven, i): np.full((40, 4), 98.0),
            (Column("true_success_rate"), i): truth + i,
        }
    frame = record_and_truth(place(np.zeros((2, 2)), Found(held)))
    records = frame[(frame["policy"] == "+b") & (frame["metric"] == "success_rate")].set_index("reading")
    assert records.loc["proportional", "baseline"] == pytest.approx(75.0, abs=0.5)
    target = frame[frame["policy"] == TARGET].set_index("metric")
    assert target.loc["success_rate", "difference"] == pytest.approx(23.0, abs=0.5)
    assert target.loc["true_success_rate", ["difference", "low", "high"]].tolist() == [0.0, 0.0, 0.0]
    b = frame[(frame["policy"] == "+b") & (frame["metric"] == "true_success_rate")].iloc[0]
    assert b["difference"] == pytest.approx(2.0) and frame["policy"].tolist()[-1] == TARGET
