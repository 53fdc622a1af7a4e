"""How far a register can be trusted, by what is in it: gaps, haste, heaps and rates that no chance explains.

It judges the writing down, not the villages: nobody is ranked, and committees are counted, not named.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy import stats

from sim.language import Message, Text
from sim.ledger.closings import Closing, closings
from sim.ledger.ledger import EPOCH, MINUTES_PER_DAY, Ledger
from sim.ledger.words import SETTLED

MONTH_END = 3  # days
BATCH = 5  # closings of one organisation on one day
ENOUGH = 10  # closed disputes of a committee, below which its rate says nothing
ERROR = 0.01  # of all committees together, by Bonferroni
AGES = (30, 90, 180)  # days
ROUND = (7, 15, 30)  # days


@dataclass(frozen=True)
class Finding:
    """One number of the page: `share` of `n` where it is one (NaN else), `p` by chance alone (NaN where not asked)."""

    group: str
    name: Text
    value: float
    n: int
    share: float = float("nan")
    p: float = float("nan")
    note: Text = ""


@dataclass(frozen=True)
class Committee:
    """What one organisation has written down. Shown only where names were asked for."""

    organisation: str
    stage: str
    closed: int
    settled: int
    p: float


def findings(ledger: Ledger) -> tuple[list[Finding], list[Committee]]:
    """All findings, and the committees whose rates no chance explains."""
    found = closings(ledger)
    over = [c for c in found if c.how]
    odd, all_same, judged = _committees(over)
    out = [
        *_rows(ledger),
        *_open(ledger, found),
        *_entry(ledger),
        *_heaps(over),
        *_batches(over),
        *_identities(ledger, found),
    ]
    if judged:
        out.append(
            Finding(
                "committees",
                Message("committees whose share of settled ends no chance explains"),
                *(len(odd), judged, len(odd) / judged),
                note=Message(
                    "each against all others of its stage, {error:.0%} for all together", error=ERROR
                ),
            )
        )
        out.append(
            Finding(
                "committees",
                Message("committees with {n} closed disputes or more that are all settled", n=ENOUGH),
                *(all_same, judged, all_same / judged),
            )
        )
    return out, odd


def _share(group: str, name: Text, hits: int, n: int, p: float = float("nan"), note: Text = "") -> Finding:
    return Finding(group, name, hits, n, hits / n if n else float("nan"), p, note)


def _rows(ledger: Ledger) -> Iterator[Finding]:
    rows = ledger.facts.rows
    yield Finding("rows", Message("rows with a dispute or an event"), rows, rows)
    yield _share("rows", Message("rows kept apart"), len(ledger.apart), rows)
    yield Finding("rows", Message("disputes in the window"), len(ledger.cases), rows)
    for column, n in ledger.facts.missing.items():
        name = Message("empty: {column}", column=ledger.facts.columns.get(column, column))
        yield _share("missing", name, n, rows)


def _open(ledger: Ledger, found: Sequence[Closing]) -> Iterator[Finding]:
    still = [c for c in found if not c.how]
    yield _share("open", Message("open at the end of the window"), len(still), len(found))
    if still:
        ages = np.array([c.minutes for c in still]) / MINUTES_PER_DAY
        yield Finding("open", Message("their age in days, median"), float(np.median(ages)), len(still))
        for days in AGES:
            yield _share(
                "open", Message("older than {days} days", days=days), int((ages > days).sum()), len(still)
            )
    limited = [c for c in still if c.case.limit is not None]
    if limited:
        late = sum(c.case.limit < ledger.close for c in limited if c.case.limit is not None)
        yield _share("open", Message("past their own time limit"), late, len(limited))
    ended = [c for c in found if c.how and c.case.limit is not None]
    if ended:
        late = sum(c.begun + c.minutes >= (c.case.limit or 0.0) + MINUTES_PER_DAY for c in ended)
        yield _share("open", Message("closed after their own time limit"), late, len(ended))


def _entry(ledger: Ledger) -> Iterator[Finding]:
    """Days from the receipt to the entry into the register."""
    lags = [
        (c.entered - minute) / MINUTES_PER_DAY for c, minute in ledger.arrivals() if c.entered is not None
    ]
    if not lags:
        return
    days = np.array(lags)
    yield Finding("entry", Message("days from receipt to entry, median"), float(np.median(days)), len(days))
    yield Finding(
        "entry",
        Message("days from receipt to entry, 90th percentile"),
        float(np.quantile(days, 0.9)),
        len(days),
    )
    yield _share("entry", Message("entered before they were received"), int((days < 0).sum()), len(days))


def _day(minute: float) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def _heaps(over: Sequence[Closing]) -> Iterator[Finding]:
    """Closings at the ends of months, receipts on the first, times of a round number of days."""
    if not over:
        return
    ends = [_day(c.begun + c.minutes) for c in over]
    late = sum(d.day > calendar.monthrange(d.year, d.month)[1] - MONTH_END for d in ends)
    expected = MONTH_END * 12 / 365.25
    p = float(stats.binomtest(late, len(ends), expected, alternative="greater").pvalue)
    note = Message("{share:.0%} of the days", share=expected)
    yield _share(
        "heaps", Message("closed in the last {n} days of a month", n=MONTH_END), late, len(ends), p, note
    )
    first = sum(_day(c.begun).day == 1 for c in over)
    p = float(stats.binomtest(first, len(over), 12 / 365.25, alternative="greater").pvalue)
    note = Message("{share:.0%} of the days", share=12 / 365.25)
    yield _share("heaps", Message("received on the first of a month"), first, len(over), p, note)
    days = Counter(round(c.minutes / MINUTES_PER_DAY) for c in over)
    for length in ROUND:
        three = sum(days[length + i] for i in (-1, 0, 1))
        if three >= 2 * ENOUGH:
            p = float(stats.binomtest(days[length], three, 1 / 3, alternative="greater").pvalue)
            name = Message("took {days} days, of those that took one more or less", days=length)
            yield _share("heaps", name, days[length], three, p, Message("a third is expected"))


def _batches(over: Sequence[Closing]) -> Iterator[Finding]:
    """Many disputes that one organisation closed on one day."""
    together = Counter(
        (c.case.organisation, _day(c.begun + c.minutes).date()) for c in over if c.case.organisation
    )
    if together:
        batched = sum(n for n in together.values() if n >= BATCH)
        name = Message("closed with {n} others or more of the same organisation on the same day", n=BATCH - 1)
        yield _share("batches", name, batched, together.total())
        yield Finding(
            "batches", Message("most of one organisation on one day"), max(together.values()), len(together)
        )


def _identities(ledger: Ledger, found: Sequence[Closing]) -> Iterator[Finding]:
    """Months in which as many are received as closed as settled: what was found, mediated and settled is one number."""
    received, closed, settled = Counter[str](), Counter[str](), Counter[str]()
    for c in found:
        received[f"{_day(c.begun):%Y-%m}"] += 1
        if c.how:
            month = f"{_day(c.begun + c.minutes):%Y-%m}"
            closed[month] += 1
            settled[month] += c.how == SETTLED
    months = [m for m in received if received[m] >= ENOUGH]
    if months:
        same = sum(received[m] == closed[m] for m in months)
        all_settled = sum(received[m] == closed[m] == settled[m] for m in months)
        yield _share("identities", Message("months with as many closed as received"), same, len(months))
        yield _share(
            "identities",
            Message("months with all received closed, and all settled"),
            all_settled,
            len(months),
        )


def _committees(over: Sequence[Closing]) -> tuple[list[Committee], int, int]:
    """Committees whose share of settled ends is unlike that of their stage; how many have all; how many were judged."""
    by_stage: dict[str, Counter[str]] = defaultdict(Counter)
    good: dict[str, Counter[str]] = defaultdict(Counter)
    for c in over:
        if c.case.organisation:
            by_stage[c.stage][c.case.organisation] += 1
            good[c.stage][c.case.organisation] += c.how == SETTLED
    judged = [(s, o, n) for s, orgs in by_stage.items() for o, n in orgs.items() if n >= ENOUGH]
    odd, whole = [], 0
    for stage, name, n in judged:
        hits = good[stage][name]
        whole += hits == n
        others, of_them = by_stage[stage].total() - n, good[stage].total() - hits
        if others < ENOUGH:
            continue
        p = float(stats.fisher_exact(np.array([[hits, n - hits], [of_them, others - of_them]])).pvalue)
        if p < ERROR / len(judged):
            odd.append(Committee(name, stage, n, hits, p))
    return odd, whole, len(judged)


def months_of(ledger: Ledger) -> dict[str, tuple[int, int, int]]:
    """Received, closed, and open at its end, for each month of the window."""
    found = closings(ledger)
    out: dict[str, tuple[int, int, int]] = {}
    day = datetime(ledger.start.year, ledger.start.month, 1)
    while day < ledger.end:
        after = (day + timedelta(days=32)).replace(day=1)
        a, b = ((x - EPOCH).total_seconds() / 60 for x in (day, min(after, ledger.end)))
        received = sum(a <= c.begun < b for c in found)
        closed = sum(bool(c.how) and a <= c.begun + c.minutes < b for c in found)
        still = sum(c.begun < b and not (c.how and c.begun + c.minutes < b) for c in found)
        out[f"{day:%Y-%m}"] = (received, closed, still)
        day = after
    return out
