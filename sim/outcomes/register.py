"""What a register of disputes would hold of a replication: its rows, those that are written down, and counts of them.

A register has of each dispute its receipt, how and when it ended, and who had it in the end. It is compared with the
model through counts: how many rows there are, and how those of one outcome are split over kinds, stages and days. The
same counting is used for a real register (sim/ledger/compared.py) and for a simulated one, so that like is compared
with like: only receipts of the window, only ends within it, days from date to date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes.reading import Flags, Ints, Reading, merged, stable_order
from sim.vocabulary import End, EventKind

Floats = NDArray[np.float64]
OPEN, SETTLED, OTHERWISE = 0, 1, 2  # outcomes of a row
OUTCOMES = ("open", "settled", "otherwise")
PREFIX = "register "  # of the names of these figures
WRITTEN, RELATIVE = f"{PREFIX}share written down", f"{PREFIX}unsettled written down"
QUARTILES = (0.25, 0.5, 0.75)
UNKNOWN = -1
_MOVES = (EventKind.KNOWN, EventKind.REOPEN, EventKind.CLIMB, EventKind.END)
_DAY = 1440


@dataclass(frozen=True)
class Rows:
    """Rows of a register, one entry each: kind and tier as in the vocabulary, or `UNKNOWN`; an outcome of the above.

    `days` are from the date of receipt to that of the end, or to the end of the window while it is open; `UNKNOWN`
    where the date of the end is not known.
    """

    kind: Ints
    tier: Ints
    outcome: Ints
    days: Ints

    def __len__(self) -> int:
        return len(self.outcome)

    def pick(self, chosen: Flags) -> Rows:
        """Some of the rows."""
        return Rows(self.kind[chosen], self.tier[chosen], self.outcome[chosen], self.days[chosen])


@dataclass(frozen=True)
class Split:
    """How rows of one outcome are split: by `kind`, `tier` or `days`, into `cells` of codes, or of days up to each.

    With `tiers` only rows at these are looked at. The last cell of days is open above.
    """

    name: str
    outcome: int
    by: str
    cells: tuple[tuple[int, ...], ...]
    tiers: tuple[int, ...] = ()

    def labels(self) -> tuple[str, ...]:
        """Names of the cells, as figures of a replication have them."""
        return tuple(f"{PREFIX}{self.name}: {i}" for i in range(len(self.cells)))

    def counts(self, rows: Rows) -> Ints:
        """How many rows fall into each cell; those that say nothing fall into none."""
        chosen = rows.outcome == self.outcome
        if self.tiers:
            chosen &= np.isin(rows.tier, self.tiers)
        value = getattr(rows, self.by)[chosen]
        value = value[value != UNKNOWN]
        if self.by == "days":
            edges = [cell[0] for cell in self.cells[:-1]]
            return np.bincount(np.searchsorted(edges, value), minlength=len(self.cells))
        return np.array([int(np.isin(value, cell).sum()) for cell in self.cells])


@dataclass(frozen=True)
class Form:
    """What of a register is compared: receipts from `first` to `last`, and the splits.

    `written` are equally likely shares of the known disputes that are written down, `relative` shares of these that
    hold for disputes that were not settled, with weights. `open_counts` says whether open rows are counted: a register
    that has none is one of closed disputes. `spans` are groups of tiers of which times are shown.
    """

    first: date
    last: date
    written: tuple[float, ...]
    relative: tuple[tuple[float, float], ...]
    open_counts: bool
    splits: tuple[Split, ...]
    spans: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def totals(self) -> tuple[int, ...]:
        """Outcomes of which the number of rows is compared."""
        return (SETTLED, OTHERWISE, OPEN) if self.open_counts else (SETTLED, OTHERWISE)

    def counts(self, rows: Rows) -> Iterator[tuple[str, float]]:
        """Every count that is compared, by the name that it has among figures."""
        for outcome in self.totals:
            yield total_name(outcome), float((rows.outcome == outcome).sum())
        for split in self.splits:
            yield from zip(split.labels(), split.counts(rows).astype(float).tolist(), strict=True)

    def times(self, rows: Rows) -> Iterator[tuple[str, float]]:
        """Quartiles of the days from receipt to the end, by Kaplan and Meier; NaN where they are not reached."""
        for name, tiers in (("all", ()), *self.spans):
            here = rows if not tiers else rows.pick(np.isin(rows.tier, tiers))
            here = here.pick((here.days != UNKNOWN) & ((here.outcome != OPEN) | self.open_counts))
            for share, days in zip(QUARTILES, quartiles(here), strict=True):
                yield time_name(name, share), days


def total_name(outcome: int) -> str:
    """The figure that counts rows of an outcome."""
    return f"{PREFIX}rows {OUTCOMES[outcome]}"


def time_name(span: str, share: float) -> str:
    """The figure of a quartile of the days to the end."""
    return f"{PREFIX}days {span} {round(100 * share)}"


def quartiles(rows: Rows) -> tuple[float, ...]:
    """Days by which a quarter, half and three quarters of the rows are over; NaN where so many are not."""
    from sim.statistics.survival import kaplan_meier  # loads scipy.stats: comparing policies does without

    over = rows.outcome != OPEN
    if not over.any():
        return (np.nan,) * len(QUARTILES)
    curve = kaplan_meier(rows.days.astype(float), over).cdf
    at = np.searchsorted(curve.probabilities, np.asarray(QUARTILES) - 1e-12)
    return tuple(float(np.rint(curve.quantiles[i])) if i < len(curve.quantiles) else np.nan for i in at)


def rows_of(reading: Reading, model: Model, first: date, last: date) -> Rows:
    """The rows that a complete register has of a replication: one for each receipt or return in these days.

    A dispute that is not over by the last day is open.
    """
    begin = (first - model.first_day).days
    close = min((last - model.first_day).days + 1, reading.trace.horizon // _DAY)
    rows = merged(*map(reading.rows, _MOVES))
    rows = rows.take(stable_order(rows["dispute"], len(reading.trace.disputes)))
    event, dispute, day = rows["event"], rows["dispute"], rows["minute"] // _DAY
    tier = np.where(event == EventKind.CLIMB, rows["detail"], rows["tier"])
    starts = np.flatnonzero((event == EventKind.KNOWN) | (event == EventKind.REOPEN))
    starts = starts[(day[starts] >= begin) & (day[starts] < close)]
    # The rows of an opening end with its end, with the next return, or with the dispute's last row.
    bounds = np.flatnonzero(
        (event == EventKind.KNOWN)
        | (event == EventKind.REOPEN)
        | np.concatenate([[True], np.diff(dispute) != 0])
    )
    after = np.append(bounds, len(event))[np.searchsorted(bounds, starts, side="right")]
    seen = np.flatnonzero(day < close)  # later rows are not known yet
    last_seen = seen[np.searchsorted(seen, after) - 1] if len(seen) else starts
    ended = event[last_seen] == EventKind.END
    settled = ended & (rows["detail"][last_seen] == End.SETTLED)
    outcome = np.where(settled, SETTLED, np.where(ended, OTHERWISE, OPEN))
    days = np.where(ended, day[last_seen], close) - day[starts]
    kinds = reading.trace.dispute_column("kind")[dispute[starts]]
    return Rows(kinds, tier[last_seen], outcome, days)


def written_down(rows: Rows, form: Form, luck: np.random.Generator) -> tuple[Rows, float, float]:
    """The rows that get into the register, and the shares by which that was decided, drawn from those of the form."""
    share = form.written[int(luck.integers(len(form.written)))]
    values, weights = zip(*form.relative, strict=True)
    relative = float(luck.choice(values, p=np.array(weights) / sum(weights)))
    chance = np.where(rows.outcome == OTHERWISE, share * relative, share)
    return rows.pick(luck.random(len(rows)) < chance), share, relative


def figures_of(
    reading: Reading, model: Model, form: Form, luck: np.random.Generator, parts: int = 1
) -> dict[str, float]:
    """All figures of a simulated register, by name. Counts of one of `parts` parts of a place are taken so often."""
    rows, share, relative = written_down(rows_of(reading, model, form.first, form.last), form, luck)
    counts = {name: parts * n for name, n in form.counts(rows)}
    return {WRITTEN: share, RELATIVE: relative, **counts, **dict(form.times(rows))}
