"""Printing for people: tables, numbers, progress. Plain text where the output is not a terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from sim.language import tr, visible


class _Plain(Console):
    """A console to which every string is text: brackets and colons are no markup, control characters are seen."""

    def render_str(self, text: str, **given: Any) -> Text:
        """As rich has it, for titles, cells and lines alike: all strings come by here."""
        shown = visible(text).replace(
            "\t", " "
        )  # rich counts a tab beside a wide character wrongly, and cuts letters off
        return super().render_str(shown, **{**given, "markup": False, "emoji": False})


def console(*, error: bool = False, width: int = 140) -> Console:
    """A console that respects NO_COLOR; `width` columns, enough for tables, where nobody watches."""
    plain: dict[str, Any] = {"stderr": error, "highlight": False, "markup": False, "emoji": False}
    made = _Plain(**plain, soft_wrap=False)
    if not made.is_terminal:
        made = _Plain(**plain, width=width, no_color=True)
    return made


def say(text: str = "", *, error: bool = False) -> None:
    """Print a text as it is, lines however long, with its control characters seen."""
    print(visible(text), file=sys.stderr if error else sys.stdout)


def number(x: float) -> str:
    """A number with three or four significant digits, thousands apart; `–` where it is not defined.

    With a minus sign, as sentences have it: a hyphen stands in names of policies.
    """
    if math.isnan(x):
        return "–"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == int(x) and abs(x) < 1e6:
        return f"{int(x):,}".replace("-", "−")
    size = abs(x)
    decimals = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
    text = f"{x:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def table(*columns: str, right: tuple[int, ...] = (), title: str | None = None) -> Table:
    """An empty table; `right` are the indices of right-aligned columns."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for i, name in enumerate(columns):
        made.add_column(name, justify="right" if i in right else "left", overflow="fold")
    return made


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with the time left, on the error stream; yields `report(done, total)`.

    Where nobody watches, a line at each tenth.
    """
    err = console(error=True)
    if not err.is_terminal:
        last = [-1]

        def report(done: int, total: int) -> None:
            tenth = 10 * done // max(1, total)
            if tenth != last[0]:
                last[0] = tenth
                err.print(tr("{title}: {done} of {total}", title=title, done=done, total=total))

        yield report
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(tr("elapsed"), markup=False),
        TimeElapsedColumn(),
        TextColumn(tr("left"), markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def percent(share: float) -> str:
    """A share of 1 in whole percent."""
    return f"{share:.0%}"


def between(low: str, high: str) -> str:
    """A range of two numbers that are written already."""
    return tr("{low} to {high}", low=low, high=high)


def duration(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 90:
        return tr("{n} s", n=f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}")
    if seconds < 5400:
        return tr("{n:.0f} min", n=seconds / 60)
    return tr("{n:.1f} h", n=seconds / 3600)


def size(number_of_bytes: float) -> str:
    """Bytes in words."""
    return f"{number_of_bytes / 1e9:.1f} GB" if number_of_bytes >= 1e9 else f"{number_of_bytes / 1e6:.0f} MB"
