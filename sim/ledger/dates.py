"""Dates as clerks write them. A form that fits nothing is no date: the row is kept apart and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from sim.ledger.files import Cell

CHINA = timezone(timedelta(hours=8))
FIRST_YEAR, LAST_YEAR = 1949, 2100
SERIALS = (18_264, 73_415)  # what Excel calls 1950-01-01 and 2100-12-31
_EXCEL_ZERO = datetime(1899, 12, 30)
_CLOCK = (
    r"(?:[ T]*(?P<half>上午|下午|中午|晚上|凌晨|早上|AM|PM|am|pm)?[ ]*"
    r"(?:(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})?分?(?::?(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?"
    r"[ ]*(?P<after>AM|PM|am|pm)?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4}|\d{2})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?:日|号)?"
    r"(?:[ ]*(?:星期|周)[一二三四五六日天])?" + _CLOCK
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK)
_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_LATE = ("下午", "晚上", "PM", "pm")


def day_first(cells: Iterable[Cell]) -> bool | None:
    """Whether dates with the year at their end have the day before the month; None where there is none or no sign."""
    seen: set[bool] = set()
    for cell in cells:
        found = _YEAR_LAST.fullmatch(_plain(str(cell)))
        if found and (int(found["a"]) > 12) != (int(found["b"]) > 12):
            seen.add(int(found["a"]) > 12)
    return seen.pop() if len(seen) == 1 else None


def year_last(cell: Cell) -> bool:
    """Whether a cell is a date with the year at its end, so that day and month may be taken for each other."""
    return _YEAR_LAST.fullmatch(_plain(str(cell))) is not None


def moment(cell: Cell, *, day_before_month: bool = True) -> datetime | None:
    """A cell as local time without a zone, to the minute of its text; None if it is no time between 1949 and 2100."""
    if isinstance(cell, datetime):
        found: datetime | None = cell
    elif isinstance(cell, date):
        found = datetime(cell.year, cell.month, cell.day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        found = _of_serial(float(cell))
    else:
        found = _of_text(str(cell), day_before_month)
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _of_serial(x: float) -> datetime | None:
    if SERIALS[0] <= x < SERIALS[1]:
        return _EXCEL_ZERO + timedelta(minutes=round(x * 1440.0))
    return _of_text(str(int(x)), True) if x == int(x) and 19_490_000 < x < 21_010_000 else None


def _plain(text: str) -> str:
    """Full-width signs as the usual ones, blanks one at a time."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=65_536)
def _of_text(text: str, day_before_month: bool) -> datetime | None:
    text = _plain(text)
    try:
        when = datetime.fromisoformat(text) if len(text) != 8 or not text.isdigit() else None
    except ValueError:
        when = None
    if when is not None:
        return when if when.tzinfo is None else when.astimezone(CHINA).replace(tzinfo=None)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _of_serial(float(text))
    found = _DIGITS.fullmatch(text) or _YEAR_FIRST.fullmatch(text.replace(" 年", "年"))
    if found is not None:
        return _made(found, int(found["month"]), int(found["day"]))
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return None
    a, b = int(found["a"]), int(found["b"])
    day, month = (a, b) if day_before_month else (b, a)
    return _made(found, month, day)


def _made(found: re.Match[str], month: int, day: int) -> datetime | None:
    said = found.groupdict()
    year = int(said["year"])
    year += 2000 if year < 100 else 0
    hour, minute, second = (int(said.get(part) or 0) for part in ("hour", "minute", "second"))
    half = said.get("half") or said.get("after") or ""
    if said.get("hour") and half in _LATE and hour < 12:
        hour += 12
    if half in ("AM", "am", "上午", "凌晨") and hour == 12:
        hour = 0
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
