"""Forecasts by simulation: openings of a trace, disputes that stand for open ones, and what a policy changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import build
from sim.outcomes.minutes import busy_minutes
from sim.outcomes.openings import NEVER, Effort, Openings, effort, openings
from sim.outcomes.reading import Reading
from sim.outcomes.register import OPEN, OTHERWISE, SETTLED, rows_of
from sim.runs.case import Case
from sim.runs.executors.local import SerialExecutor
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.policy import practice
from sim.studies.forecast.matched import NUMBERS, Foreseen, Stock, foreseen, stock_of
from sim.studies.forecast.plan import plan
from sim.studies.forecast.simulated import Ahead, ahead
from sim.studies.forecast.watched import Seen, Watched, seen
from sim.studies.study import Work
from sim.vocabulary import End, Tier
from tests.ledger.registers import rows, write_csv
from tests.ledger.test_forecast import register

START = datetime(2023, 4, 1)


@pytest.fixture(scope="module")
def one() -> tuple[Reading, object, Openings]:
    model = build(load_place("daliu", ["incidence.latent_rate=26"]))
    reading = Reading(simulator("compiled")(model, Draws(3, 1)))
    return reading, model, openings(reading)


def test_openings_are_the_rows_of_a_register(one: tuple) -> None:
    reading, model, found = one
    window = model.place.window
    rows = rows_of(reading, model, window.start, window.end)
    begin, close = (window.start - model.first_day).days, (window.end - model.first_day).days + 1
    inside = (found.received >= begin) & (found.received < close)
    assert inside.sum() == len(rows) > 60
    ended = found.ended[inside] < close
    settled = ended & (found.how[inside] == End.SETTLED)
    for outcome, mine in ((OPEN, ~ended), (SETTLED, settled), (OTHERWISE, ended & ~settled)):
        assert mine.sum() == (rows.outcome == outcome).sum(), outcome
    days = np.where(ended, found.ended[inside], close) - found.received[inside]
    assert sorted(days) == sorted(rows.days)
    assert np.array_equal(np.bincount(found.tier_on(close)[inside]), np.bincount(rows.tier))
    assert (found.suit[found.suit != NEVER] >= found.received[found.suit != NEVER]).all()


def test_hours_from_a_day_on_are_those_of_the_trace(one: tuple) -> None:
    reading, model, found = one
    day, end = model.tables.warm_up // 1440, model.tables.horizon // 1440
    spent = effort(reading, model, found, day, (day + 10, end))
    busy = np.bincount(
        model.pools.group, weights=busy_minutes(reading, model), minlength=len(model.pools.groups)
    )
    assert spent.busy[1] == pytest.approx(busy, abs=1.0)
    assert (spent.busy[0] <= spent.busy[1]).all() and (spent.own.sum(axis=1) <= spent.busy + 1e-6).all()
    assert spent.own[1].sum() > 0
    assert len(spent.opening) == found.open_on(day).sum()


def test_what_is_kept_of_a_replication_says_the_same() -> None:
    place = load_place("daliu")
    case = Case(place, tuple(practice(place)), 1, "nothing")
    watched = Watched(case, place.window.start + timedelta(days=100), (30, 91), 400)
    rows = watched.measure(0, 2).rows
    model = case.model(0)
    reading = Reading(case.trace(0, 2))
    found, day = openings(reading), (watched.day - model.first_day).days
    spent = effort(reading, model, found, day, (day + 30, day + 91))
    rows = rows.append_column("replication", pa.array(np.zeros(len(rows), int)))
    (kept,) = seen(rows, 2, len(model.pools.groups))
    mine = found.since(day)
    recent = mine.ended >= -400
    assert np.array_equal(kept.openings.received, mine.received[recent])
    assert np.array_equal(kept.openings.tier_on(0), mine.tier_on(0)[recent])
    assert kept.effort.busy == pytest.approx(spent.busy, abs=1.0)
    assert kept.effort.own.sum() == pytest.approx(spent.own.sum(), abs=20.0)


# --- Disputes that stand for open ones -----------------------------------------------------------------------------


def _seen(received: Sequence[int], ended: Sequence[int], tier: Sequence[int], kind: Sequence[int]) -> Seen:
    n = len(received)
    number = np.arange(n)
    how = np.where(np.array(ended) < NEVER, int(End.SETTLED), int(End.OPEN))
    columns = (number, kind, received, ended, how, np.full(n, NEVER), number, tier, received)
    found = Openings(*(np.array(x, dtype=np.int64) for x in columns))
    held = np.flatnonzero(found.open_on(0))
    own = np.full((2, len(held), 1), 60.0)
    return Seen(found, Effort(held, own, own.sum(axis=1) + 600.0, np.full((2, 1), 6000.0)))


def _stock(kind: int, tier: int, age: float, *, receipts: int = 100, n: int = 4) -> Stock:
    every = (np.full(n, kind), np.full(n, tier), np.full(n, age), np.full(n, 50.0), np.arange(n) % 2)
    return Stock(*every, ("东镇", "西镇"), receipts, 100, np.array([30, 10]), np.array([30.0]))  # type: ignore[arg-type]


def _numbers(found: list[list[Foreseen]], name: str, case: int = 0) -> np.ndarray:
    return np.array([f[case].numbers[:, NUMBERS.index(name)] for f in found])


def test_a_dispute_lasts_as_simulated_ones_of_its_stage_and_age() -> None:
    """Village disputes end within 30 days, township ones never; old ones within ten days."""
    village, township = int(Tier.VILLAGE), int(Tier.TOWNSHIP)
    sim = _seen(
        [-5] * 20 + [-5] * 20 + [-300] * 20,
        [20] * 20 + [NEVER] * 20 + [10] * 20,
        [village] * 20 + [township] * 20 + [village] * 20,
        [0] * 60,
    )
    luck = np.random.default_rng(1)
    for stock, left in (
        (_stock(0, village, 5.0), (4, 0)),
        (_stock(0, township, 5.0), (4, 4)),
        (_stock(0, village, 280.0), (0, 0)),
    ):
        found = foreseen(stock, [[sim] * 3], 0, (15, 91), luck)
        assert (_numbers(found, "open") == left).all()
        assert (_numbers(found, "closed") == [4 - x for x in left]).all()
    # Past a limit of 50 days: 5 days old, no; 15 days later neither; 91 days later all that are open.
    found = foreseen(_stock(0, township, 5.0), [[sim] * 3], 0, (15, 91), luck)
    assert (_numbers(found, "overdue") == [0, 4]).all()


def test_new_disputes_come_as_many_as_the_register_says() -> None:
    """100 simulated receipts in the 100 days before, and one a day after: half as many where it has 50."""
    before, after = list(range(-100, 0)), list(range(91))
    sim = _seen(before + after, [x + 3 for x in before + after], [1] * 191, [0] * 191)
    for receipts, mean in ((50, 45.5), (100, 91.0), (200, 182.0)):
        stock = _stock(0, 1, 2.0, receipts=receipts)
        found = foreseen(stock, [[sim] * 200], 0, (30, 91), np.random.default_rng(2))
        come = _numbers(found, "received")
        assert come[:, 1].mean() == pytest.approx(mean, rel=0.05)
        assert come[:, 0].mean() == pytest.approx(mean * 30 / 91, rel=0.07)
        assert (
            come[:, 1].std() > 0.8 * np.sqrt(receipts) * 0.91
        )  # how many come is known as well as they were counted
        by_town = np.array([f[0].by_town for f in found])
        assert (by_town.sum(axis=2) == _numbers(found, "open")).all()


def test_hours_are_those_of_all_known_disputes() -> None:
    """The register holds half: one hour for each of 4 open disputes is 8 hours, beside 10 that others take."""
    before = list(range(-100, 0))
    sim = _seen(before, [x + 3 for x in before], [1] * 100, [0] * 100)
    found = foreseen(_stock(0, 1, 2.0, receipts=50), [[sim] * 300], 0, (30, 91), np.random.default_rng(2))
    hours = np.array([f[0].hours[1, 0] for f in found])
    assert hours.mean() == pytest.approx(18.0, rel=0.05)
    towns = np.array([f[0].town_hours[1, :, 0] for f in found]).mean(axis=0)
    assert towns == pytest.approx([4 + 7.5, 4 + 2.5], rel=0.06)


def test_a_policy_meets_the_same_disputes_with_the_same_luck() -> None:
    sim = _seen([-5] * 10 + list(range(40)), [80] * 10 + [NEVER] * 40, [1] * 50, [0] * 50)
    better = _seen([-5] * 10 + list(range(40)), [20] * 10 + [NEVER] * 40, [1] * 50, [0] * 50)
    found = foreseen(
        _stock(0, 1, 5.0), [[sim] * 4, [better] * 4, [sim] * 4], 0, (30, 91), np.random.default_rng(3)
    )
    assert (_numbers(found, "open", 1) - _numbers(found, "open")).tolist() == [[-4, 0]] * 4
    assert np.array_equal(_numbers(found, "open", 2), _numbers(found, "open"))


def test_what_a_register_has_open(tmp_path: Path) -> None:
    held = register(5)
    stock = stock_of(held, held.end)
    assert len(stock) == sum(len(c.events) == 1 for c in held.cases)
    assert stock.days == 365 and stock.receipts == pytest.approx(365 * 1.5, rel=0.15)
    assert stock.towns == ("乡", "镇") and stock.by_town.sum() == len(held.cases)
    assert (stock.tier == int(Tier.VILLAGE)).all()
    earlier = stock_of(held, held.end - timedelta(days=200))
    assert earlier.age.max() < (held.end - held.start).days - 200


# --- The whole way -------------------------------------------------------------------------------------------------


def _asked(tmp_path: Path, **more: object) -> Ahead:
    chosen = plan(write_csv(tmp_path / "a.csv", rows(120)), from_day=date(2024, 4, 1), **more)  # type: ignore[arg-type]
    assert chosen.ahead is not None
    return chosen.ahead


def _place(tmp_path: Path) -> Path:
    file = tmp_path / "place.yaml"
    text = load_place("daliu").model_dump_json()
    tree = json.loads(text)
    tree["window"].update(
        start="2023-01-01", end="2024-08-23", end_earliest="2024-08-23", end_latest="2024-08-23"
    )
    tree["name"] = "shiqiao"
    file.write_text(json.dumps(tree), "utf-8")
    return file


def test_a_county_is_simulated_from_its_open_disputes_on(tmp_path: Path) -> None:
    asked = _asked(
        tmp_path, place=_place(tmp_path), policy="+more_staff:village_mediators=3", replications=20
    )
    assert asked.place.window.end == date(2024, 9, 29)
    practice_, policy = (measures for _, measures in asked.policies)
    (new,) = [m for m in policy if m not in practice_]
    assert new.start == date(2024, 4, 1)
    found = asked.carry_out(Work(SerialExecutor(), None))
    first, second = found.futures
    assert first.numbers.shape == (20, 3, len(NUMBERS))
    now = len(stock_of(asked.ledger, START.replace(year=2024)))
    for f in found.futures:
        assert (now + f.number("received") - f.number("closed") == f.number("open")).all()
        assert (f.by_town.sum(axis=2) == f.number("open")).all()
        assert (np.diff(f.number("received"), axis=1) >= 0).all()
    staff = found.groups.index("village_mediators")
    assert (second.limits[:, :, staff] > first.limits[:, :, staff]).all()
    assert np.array_equal(first.number("received")[:, 0], second.number("received")[:, 0])
    chances = [chance for _, _, chance, _ in found.binds_first(first)]
    assert sum(chances) == pytest.approx(1.0) and chances == sorted(chances, reverse=True)


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--place FILE"):
        _asked(tmp_path, policy="+whistle")
    place = _place(tmp_path)
    with pytest.raises(UserError, match="the forecast goes from 2024-04-01 to 2024-09-29"):
        _asked(tmp_path, place=place, policy="+whistle", policy_from=date(2024, 12, 1))
    with pytest.raises(UserError, match="name it: --policy"):
        _asked(tmp_path, place=place, policy_from=date(2024, 5, 1))
    with pytest.raises(UserError, match="more than two years before"):
        _asked(tmp_path, place="daliu")
    held = register(5)
    with pytest.raises(UserError, match="needs a month of it"):
        ahead(held, datetime(2022, 2, 1), (30,), place)
