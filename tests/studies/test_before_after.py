"""Before and after a date: what a county would see anyway, and what a policy adds."""

from __future__ import annotations

import functools
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.runs.executors.local import SerialExecutor
from sim.scenario.errors import ScenarioError, UserError
from sim.scenario.mechanisms.effects import Multiply
from sim.scenario.metrics import FOLLOWED
from sim.studies.asked import ranges
from sim.studies.before_after import (
    Periods,
    against_others,
    against_trend,
    change,
    periods,
    stretched,
    verdict,
)
from sim.studies.before_after.found import changes, compared
from sim.studies.before_after.words import sentences_of
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


def of_two_groups() -> Periods:
    """Four villages, the first two with the policy: by hand."""
    counts = np.zeros((1, 2, 2, 4))
    counts[0, 0] = [[8, 12, 10, 10], [4, 6, 5, 5]]  # without: everything halves
    counts[0, 1] = [[8, 12, 10, 10], [1, 4, 5, 5]]  # with: in two villages to a quarter
    treated = np.array([True, True, False, False])
    return Periods(dict.fromkeys(FOLLOWED, counts), (100, 100), START, treated=treated)


def test_differences_in_differences_by_hand() -> None:
    found = of_two_groups()
    one = against_others(found, "filings")
    assert one.without[0] == pytest.approx(0.0)  # both halve
    assert one.with_it[0] == pytest.approx(-50.0)  # a quarter over a half
    assert change(found, "filings", treated=True).seen[0] == pytest.approx(-75.0)
    everywhere = Periods(found.counts, found.days, START)
    assert np.isnan(against_others(everywhere, "filings").with_it).all()


def test_a_trend_is_seen_and_taken_off_by_the_provinces_own() -> None:
    found = of_two_groups()
    plain = change(found, "filings", treated=True)
    trended = change(found, "filings", treated=True, trend=np.array([-20.0]))
    years = 100 / 365
    assert 1 + trended.seen[0] / 100 == pytest.approx((1 + plain.seen[0] / 100) * 0.8**years)
    assert trended.effect[0] == plain.effect[0]
    assert against_trend(found, "filings").with_it[0] == plain.seen[0]
    table = compared(found, {"filings": np.array([-20.0])})
    assert list(table[table["metric"] == "filings"]["compared_with"]) == [
        "villages without it",
        "the province's trend",
    ]
    assert set(table[table["metric"] != "filings"]["compared_with"]) == {"villages without it"}
    rows = changes(found, {}, 1, "crimes", {"filings": np.array([-20.0])})
    assert rows["villages"].map(str).nunique() == 3


def test_villages_in_which_it_begins_are_told_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten villages in twenty the rate falls to a tenth: only against the others does it show as that."""
    calm = measure(
        monkeypatch, "calm", [Multiply("eruption.rate", 0.1)], coverage={"villages": list(range(1, 11))}
    )
    found = counted(PLACE, [calm], (), START, before=200, after=200, seed=5, replications=24)
    assert found.treated is not None and found.treated.sum() == 10
    one = against_others(found, "eruptions")
    assert -95 < np.nanmedian(one.with_it) < -60
    assert abs(np.nanmean(one.without)) < 25
    assert counted(PLACE, (), (), START, before=9, after=9, seed=5, replications=1).treated is None


def test_the_head_says_what_a_comparison_can_not_tell() -> None:
    row = {"compared_with": "villages without it", "metric": "crimes", "seen_median": -10.0}
    row |= {"anyway_low": -30.0, "anyway_high": 25.0}
    change_of = {"villages": "all", "metric": "crimes", "claimed": float("nan")}
    for what in ("anyway", "seen", "effect"):
        change_of |= {f"{what}_low": -5.0, f"{what}_median": 1.0, f"{what}_high": 5.0}
    asked = SimpleNamespace(policy="+whistle", by="crimes", earlier=0)
    said = " ".join(map(str, sentences_of(pd.DataFrame([change_of]), pd.DataFrame([row]), asked)))  # type: ignore[arg-type]
    assert (
        "would change by −10.0 %; though nothing were done, by −30.0 to 25.0 %. One place and one start can not"
        in said
    )
    row |= {"seen_median": -60.0}
    said = " ".join(map(str, sentences_of(pd.DataFrame([change_of]), pd.DataFrame([row]), asked)))  # type: ignore[arg-type]
    assert "more than chance explains; whatever else began there" in said


def test_a_trend_that_is_none_is_refused() -> None:
    assert ranges(["filings=-40:10", "crimes=-5"], "--trend", FOLLOWED) == {
        "filings": (-40.0, 10.0),
        "crimes": (-5.0, -5.0),
    }
    for wrong in ("filings", "filings=10:-40", "filings=-100:0", "filings=nan:nan", "filings=a:b"):
        with pytest.raises(UserError, match="LOW:HIGH"):
            ranges([wrong], "--trend", FOLLOWED)
    with pytest.raises(UserError, match="no metric"):
        ranges(["filing=1:2"], "--trend", FOLLOWED)
