"""What was noticed in a ledger while it was read: each kind of thing once, with its count and the first lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.language import Message, Text, marked

FIRST_LINES = 5

# By name, in the order in which they are told. `n` is the count.
NOTICES: dict[str, str] = {
    "apart": marked("{n} rows could not be used and are kept apart."),
    "totals": marked("{n} rows are totals or notes below the table: dropped."),
    "headings": marked("{n} rows repeat the header: dropped."),
    "blank": marked("{n} lines are blank."),
    "duplicates": marked("{n} rows are there twice, the same in every cell: counted once."),
    "alike": marked(
        "{n} rows are like another one in every cell, but no number or name tells disputes apart here: kept."
    ),
    "same_number": marked("{n} rows have the number of another dispute: kept as disputes of their own."),
    "long_numbers": marked(
        "{n} rows have a number that Excel has shortened, such as 4.5E+17: different disputes may look like one. "
        "Format the column as text and paste the numbers again."
    ),
    "pairs": marked("{n} events have a start and a complete row: read as one event."),
    "known_again": marked(
        "{n} times a dispute becomes known that is known already, and nothing says that it came back: the first counts."
    ),
    "reversed": marked(
        "{n} disputes end before they begin: the end is not used, and they count neither as open nor in durations."
    ),
    "day_order": marked("{n} disputes have their end before their beginning on one day: put in order."),
    "newest_first": marked("The file has the newest rows first: read from its end. ({n} rows)"),
    "one_hour": marked(
        "All {n} times are of the same hour of the day, so they are dates: they are read as days, not as minutes."
    ),
    "stray": marked("{n} dates lie so far from all others that the year must be a mistake: not used."),
    "no_length": marked("{n} stays have no length: beginning and end are of the same minute."),
    "same_day": marked("{n} disputes are received and closed on the same day."),
    "ended_undated": marked(
        "{n} disputes are over but have no closing date: their outcome counts, their duration does not."
    ),
    "bad_closing": marked("{n} closing dates cannot be read: the dispute counts, its duration does not."),
    "open_but_dated": marked("{n} disputes have a closing date but are called open: taken as open."),
    "performed": marked(
        "The closing date is that of performance, so that durations are longer than the mediation was. ({n} rows)"
    ),
    "other_site": marked(
        "{n} rows name another village than the first row of their case: the first one counts."
    ),
    "other_kind": marked(
        "{n} rows name another kind than the first row of their case: the first one counts."
    ),
    "spelling": marked(
        "{n} rows have a village spelt in another way, or without its township: put together."
    ),
    "namesakes": marked("{n} names of villages stand in more than one township: kept apart by township."),
    "township_matters": marked("{n} rows name no village: matters of the township."),
    "county_matters": marked("{n} rows name neither village nor township: counted for the county alone."),
    "from_committee": marked("The village is taken from the name of the mediation committee. ({n} rows)"),
    "no_kind": marked(
        "{n} disputes have no kind: they are left out of the shares of kinds, and count in all else."
    ),
    "no_stage": marked("{n} disputes name an organisation whose stage is not known."),
    "before": marked("{n} disputes were received before the window began: they are no arrivals of it."),
    "after": marked("{n} disputes were closed after the window ended: they were open at its end."),
    "day_first": marked("{n} dates may have the day before the month or after it: read as day first."),
    "title_year": marked("The window is the year that the title names. ({n} rows)"),
    "followed_up": marked(
        "Closing dates go on long after the last dispute was received: the window ends with the last one received. "
        "({n} closings after it)"
    ),
}


@dataclass(frozen=True)
class Notice:
    """One kind of thing: its name among `NOTICES`, how often, and the first lines."""

    name: str
    n: int
    lines: tuple[int, ...]

    @property
    def text(self) -> Message:
        """In words."""
        return Message(NOTICES[self.name], n=self.n)


@dataclass(frozen=True)
class Apart:
    """A row that could not be used: its line and why. Nothing of what stands in it."""

    sheet: str
    line: int
    why: Text


@dataclass
class Notes:
    """Collects notices while a ledger is read."""

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    apart: list[Apart] = field(default_factory=list)

    def add(self, name: str, line: int = 0, n: int = 1) -> None:
        """Count something, `n` times; `line` 0 has none."""
        if n <= 0:
            return
        self.counts[name] = self.counts.get(name, 0) + n
        seen = self.lines.setdefault(name, [])
        if line and len(seen) < FIRST_LINES:
            seen.append(line)

    def put_apart(self, line: int, why: Text, sheet: str = "") -> None:
        """Keep a row apart."""
        self.add("apart", line)
        self.apart.append(Apart(sheet, line, why))

    def told(self) -> tuple[Notice, ...]:
        """All of them, in the order of `NOTICES`."""
        return tuple(
            Notice(name, self.counts[name], tuple(self.lines.get(name, ())))
            for name in NOTICES
            if name in self.counts
        )
