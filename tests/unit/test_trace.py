"""Digest, difference and description of traces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS, Trace, describe_row, first_difference
from sim.vocabulary import Channel, End, EventKind, Job, Kind, Tier

ROWS = [
    (10, EventKind.ARISE, 0, 0, -1, -1, 0, 0, 0),
    (1500, EventKind.KNOWN, 0, 0, Tier.VILLAGE, -1, 0, 0, Channel.GRID),
    (1500, EventKind.ENTER, 0, 0, Tier.VILLAGE, 7, 1, 1, 2),
    (2000, EventKind.START, 0, Job.PETITION, -1, 3, -1, -1, 50),
    (2900, EventKind.END, 0, 0, Tier.VILLAGE, -1, 1, 1, End.SETTLED),
]
DISPUTES = [(65536, 1, 1, Kind.LAND, 300_000, 0, 1, 10), (65537, 0, 1, Kind.FAMILY, 0, -1, -1, -1)]


def made(rows: list[tuple[int, ...]] = ROWS, horizon: int = 4000, warm_up: int = 0) -> Trace:
    return Trace(np.array(rows, dtype=np.int64), np.array(DISPUTES, dtype=np.int64), horizon, warm_up)


def test_columns_by_name() -> None:
    trace = made()
    for i, name in enumerate(ROW_COLUMNS):
        assert trace.column(name).tolist() == [row[i] for row in ROWS]
    for i, name in enumerate(DISPUTE_COLUMNS):
        assert trace.dispute_column(name).tolist() == [row[i] for row in DISPUTES]
    with pytest.raises(ValueError, match="not in tuple"):
        trace.column("mood")


def test_equal_traces_have_equal_digests_whatever_their_memory_looks_like() -> None:
    trace = made()
    other = replace(
        trace, rows=np.asfortranarray(trace.rows), disputes=np.repeat(trace.disputes, 2, axis=0)[::2]
    )
    assert trace.digest() == other.digest() == trace.digest()
    assert first_difference(trace, other) is None
    assert first_difference(trace, replace(trace, rows=trace.rows.astype(">i8"))) is None
    assert replace(trace, rows=trace.rows.astype(">i8")).digest() == trace.digest()


def test_the_digest_is_the_same_for_ever() -> None:
    """A change of the trace's format must change the version in the digest, and then this number."""
    assert made().digest() == "f103c286c4b0992727bd042e8c0eeeb0a1aee550fe52b6a9675cf07e06080f05"


def test_a_changed_copy_has_columns_of_its_own() -> None:
    a = made()
    assert a.column("minute")[0] == 10
    rows = a.rows.copy()
    rows[:, 0] += 5
    assert replace(a, rows=rows).column("minute").tolist() == [row[0] + 5 for row in ROWS]
    assert a.column("minute").tolist() == [row[0] for row in ROWS]


@pytest.mark.parametrize("column", range(len(ROW_COLUMNS)))
def test_every_number_of_a_row_is_in_the_digest_and_in_the_difference(column: int) -> None:
    a = made()
    rows = a.rows.copy()
    rows[2, column] += 1
    b = replace(a, rows=rows)
    assert a.digest() != b.digest()
    found = first_difference(a, b)
    assert found is not None and found.startswith("row 2: ") and " | against | " in found


@pytest.mark.parametrize("column", range(len(DISPUTE_COLUMNS)))
def test_every_number_of_a_dispute_is_in_the_digest_and_in_the_difference(column: int) -> None:
    a = made()
    disputes = a.disputes.copy()
    disputes[1, column] += 1
    b = replace(a, disputes=disputes)
    assert a.digest() != b.digest()
    found = first_difference(a, b)
    assert found is not None and found.startswith("dispute 1 (FAMILY), " + DISPUTE_COLUMNS[column])


def test_other_differences() -> None:
    a = made()
    shorter = replace(a, rows=a.rows[:-1])
    assert first_difference(a, shorter) == first_difference(shorter, a)
    assert str(first_difference(a, shorter)).startswith("row 4 only in one: day 2 00:20 END")
    assert first_difference(a, replace(a, disputes=a.disputes[:1])) == "number of disputes: 2 against 1"
    assert "horizon" in str(first_difference(a, replace(a, horizon=4001)))
    assert len({a.digest(), replace(a, horizon=4001).digest(), replace(a, warm_up=1).digest()}) == 3


def test_rows_cannot_be_taken_for_disputes() -> None:
    """The digest says where one table ends: eight rows of nine numbers are not nine disputes of eight."""
    numbers = np.arange(72, dtype=np.int64)
    a = Trace(numbers.reshape(8, 9), np.zeros((0, 8), dtype=np.int64), 1, 0)
    b = Trace(np.zeros((0, 9), dtype=np.int64), numbers.reshape(9, 8), 1, 0)
    assert a.digest() != b.digest()


def test_a_row_in_words() -> None:
    assert [describe_row(row) for row in ROWS] == [
        "day 0 00:10 ARISE dispute 0 visit 0 session 0 detail 0",
        "day 1 01:00 KNOWN dispute 0 at VILLAGE visit 0 session 0 detail GRID",
        "day 1 01:00 ENTER dispute 0 at VILLAGE pool 7 visit 1 session 1 detail 2",
        "day 1 09:20 START dispute 0 PETITION pool 3 detail 50",
        "day 2 00:20 END dispute 0 at VILLAGE visit 1 session 1 detail SETTLED",
    ]
    capacity = (60, EventKind.CAPACITY, -1, 0, -1, 4, -1, -1, 2)
    assert describe_row(capacity) == "day 0 01:00 CAPACITY pool 4 detail 2"
    assert describe_row((0, EventKind.CLIMB, 1, 0, 0, -1, 1, 1, Tier.VILLAGE)).endswith("detail VILLAGE")
