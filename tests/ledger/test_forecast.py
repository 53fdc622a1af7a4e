"""Forecasts from the open disputes of a register: by hand, and whether their bands hold what comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sim.ledger.forecast import _Curve, as_of, backtests, forecast_open, open_at
from sim.ledger.ledger import EPOCH, Case, Event, Ledger, minute_of
from sim.scenario.errors import ScenarioError
from sim.studies.forecast import forecast
from tests.cli.terminal import done
from tests.ledger.registers import rows, write_csv

START = datetime(2022, 1, 1)


def register(seed: int, *, per_day: float = 1.5, mean: float = 30.0, days: int = 500) -> Ledger:
    """Receipts by chance alone, times to the end exponential: what comes is known but for luck."""
    luck = np.random.default_rng(seed)
    end = START + timedelta(days=days)
    begun = np.sort(luck.uniform(0, days, luck.poisson(per_day * days)))
    cases = []
    for i, (day, lasts) in enumerate(zip(begun, luck.exponential(mean, len(begun)), strict=True)):
        at = minute_of(START) + 1440.0 * float(day)
        events = [Event("received", "known", "village", at, "")]
        if day + lasts < days:
            events.append(Event("closed", "settled", "village", at + 1440.0 * float(lasts), ""))
        cases.append(Case(str(i), "a", "land", i + 2, events, town="镇" if i % 4 else "乡"))
    return Ledger("made.csv", "0" * 64, tuple(cases), START, end, False, True, {}, False, 0)


def test_what_was_not_known_on_a_day_is_not_used() -> None:
    ledger = register(1)
    day = START + timedelta(days=300)
    before = as_of(ledger, day)
    assert before.end == day
    assert max(e.minute for c in before.cases for e in c.events) < minute_of(day)
    assert open_at(before, day) == open_at(ledger, day) == sum(len(c.events) == 1 for c in before.cases)
    assert all(len(c.events) == 2 or c.outcome == "open" for c in before.cases)
    assert day > EPOCH


def test_open_disputes_last_on_as_those_that_were_as_old() -> None:
    luck = np.random.default_rng(3)
    days = np.sort(luck.exponential(20.0, 4000))
    curve = _Curve.of(days, np.ones(4000, dtype=bool), luck)
    for age in (0.0, 15.0, 60.0):  # an exponential forgets its age
        left = curve.last(np.full(20_000, age), luck) - age
        assert left.mean() == pytest.approx(20.0, rel=0.12)
    fixed = np.sort(np.concatenate([np.full(500, 10.0), np.full(500, 40.0)]))
    curve = _Curve.of(fixed, np.ones(1000, dtype=bool), luck)
    lasts = curve.last(np.full(5000, 20.0), luck)
    assert (lasts >= 40.0).all()
    share = (curve.last(np.zeros(5000), luck) <= 10.0).mean()
    assert share == pytest.approx(0.5, abs=0.06)


def test_a_steady_register_stays_as_it_is() -> None:
    found = forecast_open(register(2), draws=400)
    for f in found.horizons:
        assert np.median(f.open) == pytest.approx(45, abs=12)  # 1.5 a day for 30 days
        assert f.received.mean() == pytest.approx(1.5 * f.days, rel=0.12)
        assert (len(found.ages) + f.received - f.closed == f.open).all()
        assert (f.by_town.sum(axis=1) == f.open).all()
        assert f.by_town[:, 1].mean() > 2 * f.by_town[:, 0].mean()


def test_bands_hold_what_comes_as_often_as_they_say() -> None:
    """80 % of 80: less than 64 % or more than 94 % has a chance below 0.1 %; bands of half the width hold 48 %."""
    inside, half = 0, 0
    for seed in range(80):
        (b,) = backtests(register(100 + seed), [START + timedelta(days=380)], 91, draws=150)
        inside += b.inside
        half += abs(b.actual - b.median) <= (b.high - b.low) / 4
    assert 52 <= inside <= 75
    assert half < 52


def test_too_little_to_go_by(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="are too few to go by"):
        forecast(write_csv(tmp_path / "a.csv", rows(20)))


def test_the_command_says_what_it_cannot(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows(120))
    text = done(tmp_path, "forecast", "a.csv", "--out", "outlook", "--as-of", "2024-04-01")
    assert "no policies" in text
    assert "Looking back: of " in text
    assert "What came:" in text
    assert (tmp_path / "outlook" / "figures" / "forecast.png").stat().st_size > 10_000
