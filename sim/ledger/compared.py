"""What of a register is compared with simulated ones: its rows in the codes of the model, and how they are split.

Cells of a split are as small as the register fills them: a kind or a stage that is met seldom is counted with others,
and days are cut where the register's own rows divide into parts of like size.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.export.activities import ENDS, KNOWN, STAGES
from sim.language import Message
from sim.ledger.ledger import EPOCH, KINDS, MINUTES_PER_DAY, REGISTER_ENDS, Case, Ledger
from sim.ledger.spans import END_WORDS
from sim.ledger.words import OPEN_STILL
from sim.outcomes.register import OPEN, OTHERWISE, OUTCOMES, SETTLED, UNKNOWN, Form, Rows, Split
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.vocabulary import End

LEAST = 8  # rows in a cell of its own
LEAST_TIMES = 32  # rows of a stage whose days are split by themselves
MOST_CELLS, PER_CELL = 5, 16  # of days
LEAST_DAYS, LEAST_ROWS = 60, 30  # of a register that is compared at all
_TIER_OF = {name: int(tier) for tier, name in STAGES.items()}
_STAGES = {int(tier): name for tier, name in STAGES.items()}
_KIND_OF = {name: i for i, name in enumerate(KINDS)}
_SETTLED_WORD = ENDS[End.SETTLED]


def days_in_common(ledger: Ledger, place: Place) -> tuple[date, date]:
    """First and last day of both the ledger and the place's window. Raises UserError where they are too few."""
    window = place.window
    last_of_ledger = (ledger.end - timedelta(days=1)).date()
    first = max(ledger.start.date(), window.start)
    last = min(last_of_ledger, window.end_earliest or window.end)
    if (last - first).days + 1 < LEAST_DAYS:
        raise UserError(
            Message(
                "the ledger covers {start} to {end}, the window of {place} is {first} to {last}: they need {n} days in "
                "common. Make the place from the ledger: python run_sim.py fit {file}",
                start=str(ledger.start.date()),
                end=str(last_of_ledger),
                place=place.name,
                first=str(window.start),
                last=str(window.end),
                n=LEAST_DAYS,
                file=ledger.file,
            )
        )
    return first, last


def rows_of(ledger: Ledger, first: date, last: date) -> Rows:
    """The disputes received in these days, as they stood at the end of the last one."""
    begin, close = _minute(first), _minute(last + timedelta(days=1))
    found = [row for case in ledger.cases if (row := _row(case, begin, close)) is not None]
    kind, tier, outcome, days = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return Rows(kind, tier, outcome, days)


def _minute(day: date) -> float:
    return (day - EPOCH.date()).days * MINUTES_PER_DAY


def _row(case: Case, begin: float, close: float) -> tuple[int, int, int, int] | None:
    """Kind, tier, outcome and days of a case; None for one that was not received in these days."""
    known = next((e for e in case.events if e.what == KNOWN), None)
    if known is None or not begin <= known.minute < close:
        return None
    end = next((e for e in case.events if e.what in END_WORDS or e.what in REGISTER_ENDS), None)
    stage = end.stage if end is not None else case.events[-1].stage
    place = _KIND_OF.get(case.kind, UNKNOWN), _TIER_OF.get(stage or known.stage, UNKNOWN)
    received = known.minute // MINUTES_PER_DAY
    if end is not None and end.minute < close:
        outcome = SETTLED if end.what == _SETTLED_WORD else OTHERWISE
        return *place, outcome, int(end.minute // MINUTES_PER_DAY - received)
    if end is None and case.outcome not in ("", OPEN_STILL):  # over, on a day that cannot be told
        return *place, SETTLED if case.outcome == _SETTLED_WORD else OTHERWISE, UNKNOWN
    return *place, OPEN, int(close // MINUTES_PER_DAY - received)


def form_of(
    rows: Rows,
    first: date,
    last: date,
    written: tuple[float, ...],
    relative: tuple[tuple[float, float], ...],
    *,
    kinds: bool = True,
) -> Form:
    """How a register of these rows is compared; without `kinds` their mix is left out. Raises UserError if too small.

    `written` and `relative` as `Form` has them.
    """
    if len(rows) < LEAST_ROWS:
        problem = Message(
            "{n} disputes of the ledger were received in the window: too few to calibrate by, {least} are needed",
            n=len(rows),
            least=LEAST_ROWS,
        )
        raise UserError(problem)
    splits: list[Split] = []
    if kinds:
        splits += _by_code(rows, SETTLED, "kind", len(KINDS))
    for outcome in (SETTLED, OTHERWISE):
        splits += _by_code(rows, outcome, "tier", len(STAGES))
    spans = list(_spans(rows))
    splits += _by_days(rows, SETTLED, spans)
    splits += _by_days(rows, OTHERWISE, [])
    open_counts = bool((rows.outcome == OPEN).any())
    return Form(first, last, written, relative, open_counts, tuple(splits), tuple(spans))


def _by_code(rows: Rows, outcome: int, by: str, n: int) -> Iterator[Split]:
    """A split by kind or stage, those that are seldom together."""
    codes = getattr(rows, by)[rows.outcome == outcome]
    counts = np.bincount(codes[codes != UNKNOWN], minlength=n)
    own = [(int(i),) for i in np.flatnonzero(counts >= LEAST)]
    others = tuple(int(i) for i in np.flatnonzero(counts < LEAST))
    cells = (*own, *([others] if others else []))
    if own and len(cells) > 1:
        yield Split(f"{by} {OUTCOMES[outcome]}", outcome, by, cells)


def _spans(rows: Rows) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Stages whose times are told by themselves, and the others together."""
    settled = rows.tier[rows.outcome == SETTLED]
    counts = np.bincount(settled[settled != UNKNOWN], minlength=len(STAGES))
    own = np.flatnonzero(counts >= LEAST_TIMES)
    yield from ((_STAGES[i], (i,)) for i in own.tolist())
    others = tuple(int(i) for i in np.flatnonzero(counts < LEAST_TIMES))
    if len(own) and counts[list(others)].sum() >= LEAST_TIMES:
        yield "elsewhere", others


def _by_days(rows: Rows, outcome: int, spans: list[tuple[str, tuple[int, ...]]]) -> Iterator[Split]:
    """Splits by days at each group of stages; of all rows where no stage has enough."""
    for name, tiers in spans or [("all", ())]:
        here = (rows.outcome == outcome) & (rows.days != UNKNOWN)
        if tiers:
            here &= np.isin(rows.tier, tiers)
        days = rows.days[here]
        edges = _edges(days)
        if edges:
            cells = (*((e,) for e in edges), ())
            yield Split(f"days {OUTCOMES[outcome]} {name}", outcome, "days", cells, tiers)


def _edges(days: NDArray[np.int64]) -> list[int]:
    """The last day of each cell but the open one, so that each holds about as many rows, and `LEAST` at least."""
    n = min(MOST_CELLS, len(days) // PER_CELL)
    if n < 2:
        return []
    wanted = np.quantile(days, np.arange(1, n) / n, method="inverted_cdf")
    out: list[int] = []
    for edge in np.unique(wanted).astype(int).tolist():
        below = int((days <= edge).sum()) - (int((days <= out[-1]).sum()) if out else 0)
        if below >= LEAST and int((days > edge).sum()) >= LEAST:
            out.append(edge)
    return out
