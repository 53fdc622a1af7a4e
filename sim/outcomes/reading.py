"""A trace prepared for reading: rows picked by kind of event, and counted, each done once.

Most metrics are counts of rows by event, tier and detail: one table holds them all. The rest concerns the few rows of
one kind. Columns stay as they lie in the trace; only rows that are asked for are copied out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.traces import ROW_COLUMNS, Trace
from sim.vocabulary import EventKind, Job, Tier

Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]

JOBS = max(Job) + 1
WORDS = 32  # more than any enumeration of a trace has members
MOST_DETAIL = 15  # in the table of counts; larger details are durations and limits, which nobody counts by
COUNTS = (max(EventKind) + 1, max(Tier) + 2, MOST_DETAIL + 2)  # shape of the table of counts


class Reading:
    """A trace, and what several metrics need of it. Nothing is worked out before it is asked for."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.tally: Any = None  # made by sim/outcomes/tally.py when it is first asked for
        self._rows: dict[EventKind, Rows] = {}
        self._recent: dict[EventKind, Rows] = {}

    @cached_property
    def _kinds(self) -> tuple[Ints, list[int]]:
        """Numbers of all rows by kind of event, each in the order of time, and where each kind begins."""
        event = column(self.trace, "event").astype(np.uint8)
        by_kind = np.argsort(event, kind="stable")
        return by_kind, np.searchsorted(event[by_kind], np.arange(len(EventKind) + 1)).tolist()

    @cached_property
    def _window(self) -> int:
        """Number of the first row in the window: rows are in the order of time."""
        return int(np.searchsorted(column(self.trace, "minute"), self.trace.warm_up, side="left"))

    def rows(self, kind: EventKind) -> Rows:
        """All rows of one kind of event, in the order of time."""
        if kind not in self._rows:
            by_kind, starts = self._kinds
            self._rows[kind] = Rows(self.trace, by_kind[starts[kind] : starts[kind + 1]])
        return self._rows[kind]

    def recent(self, kind: EventKind) -> Rows:
        """The rows of one kind of event in the window, in the order of time."""
        if kind not in self._recent:
            index = self.rows(kind).index
            self._recent[kind] = Rows(self.trace, index[np.searchsorted(index, self._window) :])
        return self._recent[kind]

    @cached_property
    def counts(self) -> Ints:
        """Numbers of rows in the window as an array [event, tier, detail].

        What does not apply, -1 in the trace, is the last tier and the last detail, so that the numbers of the trace
        index the array. Details above `MOST_DETAIL` count as that.
        """
        event, tier, detail = (column(self.trace, c)[self._window :] for c in ("event", "tier", "detail"))
        cell = (event * COUNTS[1] + tier + 1) * COUNTS[2] + np.minimum(detail, MOST_DETAIL) + 1
        counts = np.bincount(cell, minlength=COUNTS[0] * COUNTS[1] * COUNTS[2]).reshape(COUNTS)
        return np.roll(counts, -1, axis=(1, 2))


class Rows:
    """Some rows of a trace in some order. `rows["minute"]` is a column of them, fetched when first asked for."""

    def __init__(self, trace: Trace, index: Ints) -> None:
        self.trace = trace
        self.index = index
        self._columns: dict[str, Ints] = {}

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, name: str) -> Ints:
        if name not in self._columns:
            self._columns[name] = column(self.trace, name)[self.index]
        return self._columns[name]

    @property
    def job_key(self) -> Ints:
        """One number for each job of each dispute."""
        key: Ints = self["dispute"] * JOBS + self["job"]
        return key

    def take(self, numbers: Ints) -> Rows:
        """Some of these rows by their numbers, or all in another order."""
        return Rows(self.trace, self.index.take(numbers))

    def pick(self, chosen: Flags) -> Rows:
        """Those that are flagged, in the same order."""
        return self.take(places(chosen))

    def pick_at(self, tiers: Iterable[Tier]) -> Rows:
        """Those at some tiers, in the same order."""
        return self.pick(table_of(tiers).take(self["tier"]))


def read(trace: Trace | Reading) -> Reading:
    """A reading of a trace; one that there is already is used."""
    return trace if isinstance(trace, Reading) else Reading(trace)


def merged(*parts: Rows) -> Rows:
    """The rows of all parts together, in the order of time."""
    chosen = np.zeros(len(parts[0].trace.rows), dtype=bool)
    for part in parts:
        chosen[part.index] = True
    return Rows(parts[0].trace, places(chosen))


def column(trace: Trace, name: str) -> Ints:
    """A column of the trace as it lies in the table, nothing copied."""
    return trace.rows[:, ROW_COLUMNS.index(name)]


def places(flags: Flags) -> Ints:
    """Where flags are set: to take by numbers is several times faster than to index by flags in disorder."""
    return np.flatnonzero(flags)


def table_of(members: Iterable[int]) -> Flags:
    """Whether a number of an enumeration is a member, as an array to be indexed by it; -1 is none."""
    table = np.zeros(WORDS, dtype=bool)
    table[list(members)] = True
    return table


def stable_order(key: Ints, top: int) -> Ints:
    """The same as `np.argsort(key, kind="stable")` for numbers 0 <= key < top.

    Numpy has a radix sort for numbers of 16 bits, many times faster than its stable sort of longer ones; so the low 16
    bits are sorted first, and then, if there are any, the next.
    """
    order = np.argsort(key.astype(np.uint16), kind="stable")
    for shift in range(16, max(top - 1, 0).bit_length(), 16):
        order = order[np.argsort((key[order] >> shift).astype(np.uint16), kind="stable")]
    return order
