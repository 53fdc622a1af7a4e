"""A register and a simulated one are counted alike: the same rows, the same cells."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.export.log import event_log
from sim.export.register import write_csv as write_register
from sim.ledger.compared import days_in_common, form_of, rows_of
from sim.ledger.ledger import Ledger, Meanings
from sim.ledger.read import read_ledger
from sim.model import build
from sim.outcomes import register
from sim.outcomes.reading import Reading
from sim.outcomes.register import OPEN, OTHERWISE, SETTLED, UNKNOWN, Rows
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.vocabulary import Kind, Tier
from tests.ledger.registers import rows, write_csv

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
ALL, ALIKE = (1.0,), ((1.0, 1.0),)


def _read(path: Path, first: date | None = FIRST, last: date | None = LAST) -> Ledger:
    return read_ledger(path, Meanings(first=first, last=last))


def test_a_register_that_is_written_and_read_has_the_rows_that_a_simulated_one_has(tmp_path: Path) -> None:
    place = load_place("daliu", ["incidence.latent_rate=26"])
    model = build(place)
    trace = simulator("compiled")(model, Draws(1, 2))
    file = io.BytesIO()
    write_register(event_log(trace, model, known_only=True), file, form="zongzhi")
    path = tmp_path / "register.csv"
    path.write_bytes(file.getvalue())
    window = place.window
    held = rows_of(_read(path, window.start, window.end), window.start, window.end)
    own = register.rows_of(Reading(trace), model, window.start, window.end)
    assert len(own) > 60 and set(own.outcome) == {OPEN, SETTLED, OTHERWISE}

    def sorted_rows(r: Rows) -> list[tuple[int, ...]]:
        return sorted(zip(r.outcome.tolist(), r.days.tolist(), r.tier.tolist(), strict=True))

    assert sorted_rows(held) == sorted_rows(own)
    told = held.kind != UNKNOWN  # some cells are left empty by the clerk
    assert 0.9 < told.mean() < 1.0
    for kind in Kind:
        assert (held.kind == kind).sum() <= (own.kind == kind).sum()


def test_an_earlier_end_leaves_open_what_ended_later(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", rows(40))
    whole, half = _read(path), date(2023, 3, 31)
    late, early = rows_of(whole, FIRST, LAST), rows_of(whole, FIRST, half)
    assert len(early) == 18 and len(late) == 40
    # Received on 30 March for some days: open on the 31st, with a day and a bit behind it.
    assert early.outcome.tolist().count(OPEN) > late.outcome[:18].tolist().count(OPEN)
    assert early.days[-1] == (date(2023, 4, 1) - date(2023, 3, 30)).days


def test_what_is_counted_in_each_cell() -> None:
    n = 120
    outcome = np.array([SETTLED] * 80 + [OTHERWISE] * 30 + [OPEN] * 10)
    tier = np.array([Tier.VILLAGE] * 50 + [Tier.TOWNSHIP] * 27 + [Tier.COUNTY] * 3 + [UNKNOWN] * 40)
    kind = np.array(([Kind.FAMILY] * 5 + [Kind.LAND] * 4 + [UNKNOWN]) * 12)
    days = np.concatenate([np.arange(80) % 20, np.full(30, 7), np.full(10, UNKNOWN)])
    found = Rows(kind, tier, outcome, days)
    form = form_of(found, FIRST, LAST, ALL, ALIKE)
    by_name = {s.name: s for s in form.splits}
    assert by_name["tier settled"].cells[:2] == ((Tier.VILLAGE,), (Tier.TOWNSHIP,))
    assert by_name["tier settled"].counts(found).tolist() == [50, 27, 3]
    assert by_name["kind settled"].counts(found).tolist() == [40, 32, 0]
    split = by_name["days settled village"]
    assert split.counts(found).sum() == 50 and split.counts(found).min() >= 8
    assert "days otherwise all" not in by_name  # one day only: nothing to split
    assert dict(form.counts(found))["register rows open"] == 10
    times = dict(form.times(found))
    assert len(found) == n and times["register days village 50"] == 8.0
    without = form_of(found, FIRST, LAST, ALL, ALIKE, kinds=False)
    assert [s.by for s in without.splits].count("kind") == 0


def test_a_register_of_closed_disputes_counts_no_open_ones() -> None:
    closed = Rows(*(np.full(40, x) for x in (0, int(Tier.VILLAGE), SETTLED, 3)))
    form = form_of(closed, FIRST, LAST, ALL, ALIKE)
    assert OPEN not in form.totals
    with_open = Rows(*(np.full(40, x) for x in (0, int(Tier.VILLAGE), OPEN, 3)))
    assert np.isnan(dict(form.times(with_open))["register days all 50"])


def test_rows_are_written_down_by_their_outcome() -> None:
    n = 20_000
    every = Rows(*(np.tile(x, n) for x in ([0, 0], [1, 1], [SETTLED, OTHERWISE], [3, 3])))
    form = form_of(every, FIRST, LAST, (0.6,), ((0.25, 1.0),))
    held, share, relative = register.written_down(every, form, np.random.default_rng(1))
    assert (share, relative) == (0.6, 0.25)
    assert (held.outcome == SETTLED).sum() == pytest.approx(0.6 * n, rel=0.03)
    assert (held.outcome == OTHERWISE).sum() == pytest.approx(0.15 * n, rel=0.05)


def test_too_few_rows_and_windows_that_do_not_meet_are_said(tmp_path: Path) -> None:
    ledger = _read(write_csv(tmp_path / "r.csv", rows(20)))
    with pytest.raises(UserError, match="20 disputes of the ledger were received in the window"):
        form_of(rows_of(ledger, FIRST, LAST), FIRST, LAST, ALL, ALIKE)
    with pytest.raises(UserError, match="need 60 days in common"):
        days_in_common(ledger, load_place("daliu"))
