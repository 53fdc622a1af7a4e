"""Ledgers as they are read, and estimates from cases that are few enough to count by hand."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.export.formats import WRITERS
from sim.export.log import event_log
from sim.ledger.arrivals import arrivals
from sim.ledger.dates import moment
from sim.ledger.estimate import Estimate
from sim.ledger.fit import Told, fit
from sim.ledger.known import known
from sim.ledger.ledger import Ledger, Meanings
from sim.ledger.parameters import parameters
from sim.ledger.read import read_ledger
from sim.ledger.routing import routing
from sim.ledger.spans import OPEN, spans, stays
from sim.ledger.unidentified import reason_of
from sim.model import Model, build
from sim.outcomes.table import outcomes
from sim.scenario.fields import dotted, quantities
from sim.scenario.load import load_place
from sim.statistics.rates import poisson_interval
from sim.vocabulary import EventKind
from tests.places import rich_place

YEAR = Meanings(first=date(2023, 1, 1), last=date(2023, 12, 31))


def ledger_of(folder: Path, rows: list[str], meanings: Meanings = YEAR, **options: object) -> Ledger:
    path = folder / "ledger.csv"
    path.write_text("case,activity,time,site,kind\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return read_ledger(path, meanings, **options)  # type: ignore[arg-type]


def one(estimates: list[Estimate], name: str) -> Estimate:
    (found,) = [e for e in estimates if e.name == name]
    return found


@lru_cache(maxsize=1)
def model() -> Model:
    return build(rich_place(population={"persons": 20_000}, villages={"count": 12}))


# --- reading -------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(1, 10_000), known_only=st.booleans(), warm_up=st.booleans())
def test_what_is_written_is_read(
    seed: int, known_only: bool, warm_up: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace = simulate(model(), Draws(seed, 0))
    log = event_log(trace, model(), known_only=known_only, warm_up=warm_up)
    folder = tmp_path_factory.mktemp("round")
    begin, end = (when.replace(tzinfo=None) for when in log.window)
    meanings = Meanings(first=begin.date(), last=date.fromordinal(end.toordinal() - 1))
    read = {}
    for name in ("csv", "xes"):
        path = folder / f"log.{name}"
        with path.open("wb") as file:
            WRITERS[name](log, file)
        read[name] = read_ledger(path, meanings if name == "csv" else Meanings())
    for ledger in read.values():
        assert (ledger.start, ledger.end, ledger.guessed) == (begin, end, False)
        assert [(c.name, c.site, c.kind) for c in ledger.cases] == [
            (str(c.number), c.site, c.kind) for c in log.cases
        ]
        assert [[e.activity for e in c.events] for c in ledger.cases] == [
            [e.activity for e in log.events(i)] for i in range(len(log.cases))
        ]
        midnight = log.moment(0).replace(tzinfo=None)
        origin = (midnight - datetime(1970, 1, 1)).total_seconds() / 60
        assert [[e.minute - origin for e in c.events] for c in ledger.cases] == [
            [e.minute for e in log.events(i)] for i in range(len(log.cases))
        ]
        rows = trace.rows[trace.rows[:, 1] == EventKind.KNOWN]
        known_rows = rows if warm_up else rows[rows[:, 0] >= trace.warm_up]
        assert len(ledger.arrivals()) == len(known_rows) > 20
        assert not ledger.foreign
    assert [c.events for c in read["csv"].cases] == [c.events for c in read["xes"].cases]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-05-04", datetime(2023, 5, 4)),
        ("2023-05-04 09:30", datetime(2023, 5, 4, 9, 30)),
        ("2023-05-04T09:30:00+08:00", datetime(2023, 5, 4, 9, 30)),
        ("2023-05-04T01:30:00Z", datetime(2023, 5, 4, 9, 30)),
        ("2023/5/4 9:30", datetime(2023, 5, 4, 9, 30)),
        ("2023年5月4日", datetime(2023, 5, 4)),
        ("2023-02-30", None),
        ("4 May", None),
        ("", None),
    ],
)
def test_times(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_rows_of_one_minute_stay_in_order_and_others_are_sorted(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        [
            "1,settled at village,2023-02-03,a,family",
            "1,known at village,2023-02-01,a,family",
            "1,queued at village,2023-02-01,a,family",
        ],
    )
    assert [e.what for e in ledger.cases[0].events] == ["known", "queued", "settled"]
    assert ledger.daily


def test_cases_open_before_the_window_are_no_arrivals(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        [
            "1,known at village,2022-12-30,a,family",
            "1,settled at village,2023-01-02,a,family",
            "2,known at village,2023-03-01,b,land",
        ],
    )
    assert [c.name for c, _ in ledger.arrivals()] == ["2"]
    assert ledger.outside == 1
    assert [(s.case.name, s.to) for s in stays(ledger)] == [("2", OPEN)]


def test_a_ledger_without_intake_counts_first_events(tmp_path: Path) -> None:
    rows = [f"{i},settled at village,2023-03-{1 + i:02d},a,land" for i in range(25)]
    fitted = fit(ledger_of(tmp_path, rows), Told("ends_only"))
    assert fitted.arrivals.total == 25
    assert any("first event" in r for r in fitted.remarks)


@pytest.mark.parametrize("cases", [1, 2])
def test_the_smallest_ledgers_make_a_place(tmp_path: Path, cases: int) -> None:
    rows = [f"{i},known at village,2023-03-0{i + 1},{'ab'[i]}," for i in range(cases)]
    fitted = fit(ledger_of(tmp_path, rows), Told("smallest"))
    rate = one(list(fitted.estimates), "known per year")
    mean = one(list(fitted.estimates), "mean rate of villages like these")
    assert (rate.value, rate.n) == (cases, cases)
    assert mean.high == pytest.approx(rate.high / cases)  # nothing can be known of how villages differ
    assert all(math.isfinite(x) for e in fitted.estimates for x in (e.value, e.low, e.high))


# --- by hand -------------------------------------------------------------------------------------------------------


def test_arrivals_by_village_month_and_kind(tmp_path: Path) -> None:
    rows = [f"{i},known at village,2023-0{1 + i % 3}-05,{'ab'[i % 2]},land" for i in range(30)]
    found = arrivals(ledger_of(tmp_path, rows), villages=5)
    assert found.total == 30
    assert found.counts.tolist() == [15, 15, 0, 0, 0]
    by_village = [e for e in found.estimates if e.group == "villages"]
    assert [(e.name, e.value) for e in by_village] == [("a", 15.0), ("b", 15.0)]
    assert (by_village[0].low, by_village[0].high) == poisson_interval(15)
    seasons = {e.name: e for e in found.estimates if e.group == "season"}
    assert list(seasons) == [f"2023-{m:02d}" for m in range(1, 13)]
    assert seasons["2023-01"].value == pytest.approx((10 / 31) / (30 / 365))
    assert seasons["2023-12"].value == 0.0
    assert sum(e.value for e in found.estimates if e.group == "kinds") == pytest.approx(1.0)
    index = one(list(found.estimates), "dispersion between villages")
    assert index.value == pytest.approx((2 * 81 + 3 * 36) / 6 / 4)  # expected: 6 in each of 5


CASES = [
    # refused, passed on, settled there on the second attempt
    *("1,known at village,2023-01-10 08:00,a,land", "1,refused at village,2023-01-10 08:00,a,land"),
    *("1,passed to township,2023-01-10 08:00,a,land", "1,queued at township,2023-01-10 08:00,a,land"),
    *(
        "1,session begun at township,2023-01-10 09:00,a,land",
        "1,session ended at township,2023-01-10 11:00,a,land",
    ),
    *("1,adjourned at township,2023-01-10 11:00,a,land", "1,queued at township,2023-01-12 11:00,a,land"),
    *(
        "1,session begun at township,2023-01-12 11:00,a,land",
        "1,session ended at township,2023-01-12 12:00,a,land",
    ),
    *(
        "1,attempt failed at township,2023-01-12 12:00,a,land",
        "1,rest begun at township,2023-01-12 12:00,a,land",
    ),
    *("1,queued at township,2023-01-15 12:00,a,land", "1,session begun at township,2023-01-15 12:00,a,land"),
    *("1,session ended at township,2023-01-15 13:00,a,land", "1,settled at township,2023-01-15 13:00,a,land"),
    # withdrawn while waiting
    *("2,known at village,2023-02-01 08:00,a,land", "2,queued at village,2023-02-01 08:00,a,land"),
    *("2,left queue at village,2023-02-03 08:00,a,land", "2,withdrawn at village,2023-02-03 08:00,a,land"),
    # open at the end of the year, during a session; a petition's desk does not matter
    *("3,known at village,2023-12-30 00:00,b,land", "3,queued at village,2023-12-30 00:00,b,land"),
    *("3,session begun at village,2023-12-31 00:00,b,land", "3,petition lodged,2023-12-31 01:00,b,land"),
    *(
        "3,queued at petition desk,2023-12-31 01:00,b,land",
        "3,session begun at petition desk,2023-12-31 02:00,b,land",
    ),
]


def test_stays_and_spans_of_three_cases(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, CASES)
    found = [(s.case.name, s.stage, s.to, s.minutes) for s in stays(ledger)]
    assert found == [
        ("1", "village", "township", 0.0),
        ("1", "township", "settled", (5 * 24 + 5) * 60.0),
        ("2", "village", "withdrawn", 2 * 1440.0),
        ("3", "village", OPEN, 2 * 1440.0),
    ]
    assert [(s.what, s.stage, s.minutes, s.seen) for s in spans(ledger)] == [
        ("wait", "township", 60.0, True),
        ("session", "township", 120.0, True),
        ("adjournment", "township", 2880.0, True),
        ("wait", "township", 0.0, True),
        ("session", "township", 60.0, True),
        ("rest", "township", 4320.0, True),
        ("wait", "township", 0.0, True),
        ("session", "township", 60.0, True),
        ("wait", "village", 2880.0, False),
        ("wait", "village", 1440.0, True),
        ("session", "village", 1440.0, False),
    ]


def test_parameters_of_many_such_cases(tmp_path: Path) -> None:
    rows = [f"{i}-{row}" for i in range(30) for row in CASES]
    ledger = ledger_of(tmp_path, rows)
    found = {e.path: e for e in parameters(ledger, stays(ledger))}
    assert found["tiers.village.refuses"].value == pytest.approx(1 / 3)
    assert found["tiers.village.refuses"].n == 90
    assert found["tiers.township.refuses"].value == 0.0
    assert found["tiers.township.sessions"].value == pytest.approx(1 / (1 - 1 / 3))
    assert found["tiers.township.gap_days"].value == pytest.approx(2.0)
    assert found["tiers.township.rest_days"].value == pytest.approx(3.0)
    assert found["going.withdrawal_settles"].value == 0.0
    # open from becoming known to the end: 5 days and 5 hours, 2 days, 2 days so far; one in three was withdrawn
    assert found["going.withdrawal_days"].value == pytest.approx(5 + 5 / 24 + 4)
    shares = {e.name: e.value for e in routing(ledger, stays(ledger))}
    assert shares["township > settled"] == 1.0
    assert shares["village > township"] == pytest.approx(0.5)  # the open ones began too late to count


def test_a_ledger_in_other_words_gives_what_it_can(tmp_path: Path) -> None:
    rows = []
    for i in range(60):
        rows += [f"{i},受理,2023-03-{1 + i % 20:02d} 08:00,a,"]
        rows += [f"{i},调解成功,2023-04-{1 + 7 * i % 20:02d} 08:00,a,"] if i % 3 else []
    fitted = fit(ledger_of(tmp_path, rows), Told("other_words", persons=5000))
    assert fitted.arrivals.total == 60
    assert {e.path for e in fitted.estimates if e.path} == {"incidence.latent_rate"}
    route = one(list(fitted.estimates), "受理 > 调解成功")
    assert (route.value, route.n) == (1.0, 40)
    median = one(list(fitted.estimates), "after 受理: median")
    assert "20 of 60 not over" in median.note
    assert any("--activity" in r for r in fitted.remarks)
    words = {"受理": "known at village", "调解成功": "settled at village"}
    meant = Meanings(words, {}, YEAR.first, YEAR.last)
    told = fit(ledger_of(tmp_path, rows, meant), Told("other_words", persons=5000))
    assert one(list(told.estimates), "end: settled").n == 40


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_file_is_a_place_with_the_ledgers_numbers(tmp_path: Path) -> None:
    trace = simulate(model(), Draws(4, 0))
    path = tmp_path / "ledger.csv"
    with path.open("wb") as file:
        WRITERS["csv"](event_log(trace, model(), known_only=True), file)
    ledger = read_ledger(path, YEAR)
    fitted = fit(ledger, Told("shiqiao", persons=20_000, townships=4))
    (tmp_path / "shiqiao.yaml").write_text(fitted.text, encoding="utf-8")
    place = load_place(tmp_path / "shiqiao.yaml")
    assert ledger.sha256 in place.sources["ledger"].title
    assert f"{len(ledger.cases)} cases, 2023-01-01 to 2023-12-31" in place.sources["ledger"].title
    numbers = {dotted(p): q for p, q in quantities(place)}
    direct = [e for e in fitted.estimates if e.path and e.path != "incidence.latent_rate"]
    assert len(direct) > 20
    for e in direct:
        q = numbers[e.path]
        assert (q.source, q.status) == ("ledger", "derived")
        assert q.value == pytest.approx(e.value, rel=1e-4, abs=1e-9)
        assert q.low == pytest.approx(e.low, rel=1e-4, abs=1e-9)
        assert q.high == pytest.approx(min(e.high, 36_500, 1e4), rel=1e-4)
    latent = one(list(fitted.estimates), "incidence.latent_rate")
    wide = numbers["incidence.latent_rate"]
    assert wide.value == pytest.approx(latent.value, rel=1e-4)
    # All that the priors of detection leave, no wider than the survey's range where the two overlap.
    assert wide.low == pytest.approx(14.0, rel=1e-4)
    assert wide.high == pytest.approx(max(28.0, latent.value), rel=1e-4)
    # Everything else is as the national files have it, and is listed with a reason.
    untold = {p for _, _, paths in fitted.missing for p in paths}
    assert untold == {p for p, q in numbers.items() if q.source != "ledger"}
    assert "Not identified by a ledger: keeps its prior." in fitted.text
    prior = load_place("liucheng")
    assert place.detection.party_days == prior.detection.party_days
    assert place.recording == prior.recording
    assert [t.metric for t in place.targets] == ["known_disputes"]


def test_a_fitted_place_has_as_many_known_disputes_as_its_ledger(tmp_path: Path) -> None:
    trace = simulate(model(), Draws(5, 0))
    path = tmp_path / "ledger.csv"
    with path.open("wb") as file:
        WRITERS["csv"](event_log(trace, model(), known_only=True), file)
    fitted = fit(read_ledger(path, YEAR), Told("shiqiao", persons=20_000, townships=4))
    made = build(fitted.place)
    counts = []
    for r in range(6):
        again = simulate(made, Draws(6, r))
        rows = outcomes(again, made, Draws(6, r))
        counts += [o.value for o in rows if (o.metric, o.by) == ("known_disputes", "")]
    mean, error = float(np.mean(counts)), float(np.std(counts, ddof=1) / math.sqrt(len(counts)))
    assert error < 0.1 * fitted.arrivals.total
    assert abs(mean - fitted.arrivals.total) < 4 * error


def test_every_number_of_a_place_has_a_reason_to_be_missing() -> None:
    for name in ("liucheng", "daliu"):
        for path, _ in quantities(load_place(name)):
            if path[0] not in ("mechanisms",):
                assert reason_of(dotted(path))


def test_the_known_share_is_that_of_the_simulation() -> None:
    place = load_place("liucheng")
    made = build(place, ())
    expected = known(place)
    seen, entered = Counter[bool](), Counter[int]()
    for r in range(2):
        trace = simulate(made, Draws(7, r))
        arose = trace.rows[trace.rows[:, 1] == EventKind.ARISE]
        early = set(arose[arose[:, 0] < trace.warm_up, 2].tolist())  # hardly any of these is still latent
        rows = trace.rows[trace.rows[:, 1] == EventKind.KNOWN]
        entries = {d: t for d, t in zip(rows[:, 2].tolist(), rows[:, 4].tolist(), strict=True) if d in early}
        seen.update(d in entries for d in early)
        entered.update(entries.values())
    n = seen.total()
    share = seen[True] / n
    error = math.sqrt(share * (1 - share) / n)
    assert error < 0.01
    assert abs(share - expected.share) < 4 * error
    by_entry = (expected.entry.mean(axis=2) * expected.shares).sum(axis=1) / expected.shares.sum()
    for tier, p in enumerate(by_entry.tolist()):
        spread = math.sqrt(max(p * (1 - p), 1e-9) / n)
        assert abs(entered[tier] / n - p) < 4 * spread + 0.003, tier
