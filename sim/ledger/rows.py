"""One row of an event log, from its cells by our names of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sim.language import Message
from sim.ledger.dates import moment
from sim.ledger.files import Cell
from sim.ledger.gather import Row
from sim.ledger.notices import Notes
from sim.ledger.sites import Site, site_of
from sim.scenario.errors import shown

SHORTENED = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{2}")  # what Excel makes of long numbers


def row_of(
    line: int, cells: Mapping[str, Cell], notes: Notes, site: str = "", *, day_before_month: bool = True
) -> Row | None:
    """A row whose cells are all there, or None after it was kept apart. `site` is that of a ledger without places."""
    told = {name: _text(cells.get(name, "")) for name in ("case", "activity", "time")}
    for name, text in told.items():
        if not text:
            notes.put_apart(line, _EMPTY[name])
            return None
    when = moment(cells["time"], day_before_month=day_before_month)
    if when is None:
        notes.put_apart(line, Message("{cells} is no time between 1949 and 2100", cells=shown(told["time"])))
        return None
    if SHORTENED.fullmatch(told["case"]):
        notes.add("long_numbers", line)
        notes.put_apart(line, Message("the number of the case is shortened by Excel"))
        return None
    where = site_of(_text(cells.get("town", "")), site or _text(cells.get("site", "")))
    if where == Site("", ""):
        notes.add("county_matters", line)
    kind, channel, lifecycle = (_text(cells.get(n, "")) for n in ("kind", "channel", "lifecycle"))
    return Row(line, told["case"], told["activity"], when, where, kind, channel, lifecycle)


def _text(cell: Cell) -> str:
    """A cell as text; whole numbers of a workbook without their decimal point."""
    if isinstance(cell, float) and cell == int(cell) and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


_EMPTY = {
    "case": Message("the case is empty. Write the number of the case"),
    "activity": Message("the activity is empty. Write what happened"),
    "time": Message("the time is empty. Write 2023-05-04 09:30 or 2023-05-04"),
}
