"""Whose path a policy changed: fates counted by hand, and nothing touched where nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines import compiled
from sim.model import build
from sim.runs.case import Case
from sim.runs.executors.local import SerialExecutor
from sim.runs.readouts.disputes import fates
from sim.scenario.mechanisms.effects import Add, Multiply
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.studies.changed import FATES, Changed, changed, paths_of
from sim.traces import Trace
from sim.vocabulary import Channel, End, EventKind, Tier
from tests.places import rich_place
from tests.policy.changes import measure

PLACE = rich_place(population={"persons": 10_000}, villages={"count": 5}, townships={"count": 1})


def compared(
    one: Place, without: list[Measure], other: Place, measures: list[Measure], replications: int
) -> Changed:
    cases = paths_of([Case(one, tuple(without), 1), Case(other, tuple(measures), 1)])
    (found,) = changed(cases, replications, executor=SerialExecutor())
    return found


def test_fates_counted_by_hand() -> None:
    n = -1
    rows = [
        # minute, event, dispute, job, tier, pool, visit, session, detail
        (10, EventKind.ARISE, 1, 0, n, n, 0, 0, 0),
        (11, EventKind.END, 1, 0, n, n, 0, 0, End.SELF_SETTLED),
        (12, EventKind.ARISE, 2, 0, n, n, 0, 0, 0),
        (13, EventKind.KNOWN, 2, 0, Tier.VILLAGE, n, 0, 0, Channel.GRID),
        (14, EventKind.END, 2, 0, Tier.VILLAGE, n, 1, 1, End.SETTLED),
        (15, EventKind.REOPEN, 2, 0, Tier.VILLAGE, n, 1, 1, 1),
        (16, EventKind.KNOWN, 3, 0, Tier.TRIAL, n, 0, 0, Channel.GRID),
        (17, EventKind.END, 3, 0, Tier.TRIAL, n, 1, 1, End.ADJUDICATED),
        (18, EventKind.ARISE, 4, 0, n, n, 0, 0, 0),
        (19, EventKind.KNOWN, 5, 0, Tier.POLICE, n, 0, 0, Channel.ERUPTION),
        (20, EventKind.END, 5, 0, Tier.POLICE, n, 1, 1, End.SETTLED),
        (21, EventKind.REOPEN, 5, 0, Tier.POLICE, n, 1, 1, 1),
        (22, EventKind.END, 5, 0, Tier.POLICE, n, 1, 1, End.LUMPED),
    ]
    disputes = np.array([(i, int(i != 0), 0, 0, 0, 0, 0, 0) for i in range(6)], dtype=np.int64)
    trace = Trace(np.array(rows, dtype=np.int32), disputes, 100, 0)
    assert [FATES[f] for f in fates(trace)] == [
        "never arises",
        "settles by itself unseen",
        "still open",
        "judged",
        "still latent",
        "given up",
    ]


def test_fates_add_up_with_the_outcomes() -> None:
    model = build(PLACE, [])
    trace = compiled.simulate(model, Draws(1, 0))
    counts = dict(zip(FATES, np.bincount(fates(trace), minlength=len(FATES)).tolist(), strict=True))
    assert sum(counts.values()) == len(trace.disputes)
    assert counts["never arises"] == int((trace.dispute_column("exists") == 0).sum())
    assert min(counts[f] for f in ("settled in hamlet or village", "judged", "given up", "still latent")) > 0


def test_where_nothing_changes_nobody_is_touched() -> None:
    same = compared(PLACE, [], PLACE, [], 3)
    assert same.touched == 0 and same.frame().empty and same.days.sum() == 0
    assert same.disputes > 300


def test_a_policy_moves_disputes_where_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    better = measure(monkeypatch, "better", [Add("tiers.village.success", 3.0)])
    found = compared(PLACE, [], PLACE, [better], 6)
    frame = found.frame()
    gained = frame[frame["to"] == "settled in hamlet or village"]["disputes"].sum()
    lost = frame[frame["from"] == "settled in hamlet or village"]["disputes"].sum()
    assert gained > 5 * lost > -1
    assert frame["days_in_conflict"].sum() < 0
    assert 0 < found.touched < found.disputes


def test_models_of_different_disputes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = rich_place(population={"persons": 12_000}, villages={"count": 5}, townships={"count": 1})
    with pytest.raises(ValueError, match="same disputes"):
        compared(PLACE, [], other, [], 1)


def test_prevention_thins_and_shifts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = measure(monkeypatch, "fewer", [Multiply("kinds.land.arises", 0.0)])
    found = compared(PLACE, [], PLACE, [fewer], 3)
    arise = FATES.index("never arises")
    assert found.flows[:, arise].sum() - found.flows[arise, arise] > 10
    assert found.flows[arise, :].sum() == found.flows[arise, arise]
