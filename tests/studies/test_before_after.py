"""Before and after a date: what a county would see anyway, and what a policy adds."""

from __future__ import annotations

import functools
from datetime import date

import numpy as np
import pytest

from sim.runs.executors.local import SerialExecutor
from sim.scenario.errors import ScenarioError
from sim.scenario.mechanisms.effects import Multiply
from sim.scenario.metrics import FOLLOWED
from sim.studies.before_after import Periods, change, periods, stretched, verdict
from tests.places import rich_place
from tests.policy.changes import measure

PLACE = rich_place(
    population={"persons": 20_000},
    villages={"count": 20},
    townships={"count": 2},
    eruption={"rate": 1.0},
)
START = date(2023, 7, 1)


counted = functools.partial(periods, executor=SerialExecutor())


def test_before_the_date_both_runs_are_the_same_and_after_it_they_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = measure(monkeypatch, "calm", [Multiply("eruption.rate", 0.25)])
    found = counted(PLACE, [calm], (), START, before=120, after=200, seed=2, replications=12)
    for metric in FOLLOWED:
        counts = found.counts[metric]
        assert counts.shape == (12, 2, 2, 20)
        assert np.array_equal(counts[:, 0, 0], counts[:, 1, 0]), metric
    effect = change(found, "eruptions").effect
    # A quarter of the rate from the date on: three quarters less, but for those on their way into other hands.
    assert -80 < effect.mean() < -65


def test_a_policy_without_effect_has_none_whatever_is_seen() -> None:
    found = counted(PLACE, (), (), START, before=100, after=100, seed=2, replications=10)
    for metric in FOLLOWED:
        one = change(found, metric)
        assert np.array_equal(one.seen, one.anyway, equal_nan=True)
        assert (np.nan_to_num(one.effect) == 0).all()
    assert np.nanstd(change(found, "eruptions").anyway) > 3


def test_villages_chosen_for_their_disorder_regress_to_the_mean() -> None:
    found = counted(PLACE, (), (), START, before=180, after=180, seed=3, replications=40)
    everywhere = change(found, "eruptions").anyway
    chosen = change(found, "eruptions", villages=4).anyway
    assert np.nanmean(chosen) < np.nanmean(everywhere) - 10
    by_other = change(found, "eruptions", villages=20, by="filings").anyway
    assert np.allclose(by_other, everywhere)


def test_changes_by_hand() -> None:
    counts = np.zeros((1, 2, 2, 3))
    counts[0, 0] = [[6, 3, 0], [2, 4, 0]]  # without: before, after
    counts[0, 1] = [[6, 3, 0], [1, 2, 0]]  # with
    found = Periods(dict.fromkeys(FOLLOWED, counts), (90, 180), START)
    one = change(found, "filings")
    assert one.anyway[0] == pytest.approx(100 * ((6 / 180) / (9 / 90) - 1))
    assert one.seen[0] == pytest.approx(100 * ((3 / 180) / (9 / 90) - 1))
    assert one.effect[0] == pytest.approx(-50)
    top = change(found, "filings", villages=1)
    assert top.anyway[0] == pytest.approx(100 * ((2 / 180) / (6 / 90) - 1))
    empty = change(Periods({m: np.zeros((2, 2, 2, 3)) for m in FOLLOWED}, (1, 1), START), "filings")
    assert np.isnan(empty.anyway).all() and verdict(empty, -5).undefined == 2


def test_what_is_said_of_a_claim() -> None:
    rng = np.random.default_rng(1)
    anyway, seen = rng.normal(0, 5, 2000), rng.normal(-40, 5, 2000)
    found = change(Periods({m: np.ones((1, 2, 2, 1)) for m in FOLLOWED}, (1, 1), START), "filings")
    found = type(found)(seen, anyway, seen)
    assert str(verdict(found, -3).words).startswith("cannot test")
    assert str(verdict(found, -41).words).startswith("in accord")
    assert str(verdict(found, -80).words).startswith("outside")
    assert verdict(found, -41).share_anyway == 0 and 0.3 < verdict(found, -41).share_seen < 0.7
    shrunk = type(found)(seen, anyway - 60, seen)
    assert str(verdict(shrunk, -20.26).words).startswith("less than happens by itself")


def test_the_window_is_stretched_around_the_date() -> None:
    longer = stretched(PLACE, START, 365, 100)
    assert (longer.window.end - longer.window.start).days + 1 == 465
    assert (START - longer.window.start).days == 365
    with pytest.raises(ScenarioError):
        counted(PLACE, (), (), START, before=0, after=5, seed=1, replications=1)


def test_villages_chosen_by_an_earlier_period_do_not_improve_by_themselves() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(5.0, (400, 1, 2, 60)).astype(float).repeat(2, axis=1)
    by_base = Periods({"crimes": counts}, (100, 100), START)
    by_year_before = Periods(
        {"crimes": counts}, (100, 100), START, earlier={"crimes": rng.poisson(5.0, (400, 60)).astype(float)}
    )
    assert change(by_base, "crimes", villages=6).anyway.mean() < -35
    assert abs(change(by_year_before, "crimes", villages=6).anyway.mean()) < 10


def test_an_earlier_period_is_counted_apart_from_the_base() -> None:
    found = counted(PLACE, (), (), START, before=60, after=40, earlier=80, seed=2, replications=3)
    longer = counted(PLACE, (), (), START, before=140, after=40, seed=2, replications=3)
    for metric in FOLLOWED:
        both = found.earlier[metric] + found.counts[metric][:, 0, 0]
        assert both == pytest.approx(longer.counts[metric][:, 0, 0]), metric
        assert found.counts[metric][:, :, 1] == pytest.approx(longer.counts[metric][:, :, 1]), metric
