"""Read a ledger: a workbook, CSV or XES; rows of events or a register with one row a dispute."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.language import Message
from sim.ledger.dates import day_first, year_last
from sim.ledger.files import Cell, Sheet, bytes_of, fault, is_xml, sheets_of
from sim.ledger.gather import Row, gather
from sim.ledger.headers import EVENT_COLUMNS, Header, header_of, is_heading, is_note, is_total
from sim.ledger.ledger import Facts, Ledger, Meanings
from sim.ledger.mapping import Dictionary, read_mapping
from sim.ledger.notices import Notes
from sim.ledger.register import read_register, refuse_if_lost
from sim.ledger.rows import row_of
from sim.ledger.xes import read_xes
from sim.scenario.errors import listed, nearest, shown


def read_ledger(
    path: Path,
    meanings: Meanings,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    *,
    mapping: Path | None = None,
    site: str = "",
    sheet: str | None = None,
) -> Ledger:
    """The ledger in a file: XES, a workbook or CSV, by what is in it. `columns` maps our names to those of the file.

    `mapping` is a file that says what words mean, `site` the village of a ledger without places, `sheet` the one to be
    read of a workbook (default: all that have a header). Times without a zone are local; those with one are turned
    into Chinese time. Raises ScenarioError; rows that cannot be used are in the ledger's `apart`.
    """
    data = bytes_of(path)
    columns = dict(columns or {})
    dictionary = dictionary_of(mapping)
    if is_xml(data) or path.suffix.lower() == ".xes":
        return read_xes(path, data, meanings, columns, site)
    sheets = sheets_of(path, data, encoding)
    if not any(s.rows for s in sheets):
        remedy = Message("Write a header: case,activity,time,site,kind.")
        raise fault(path, 0, Message("the ledger is empty"), remedy)
    found = [(s, h) for s in _chosen(path, sheets, sheet) if (h := header_of(s, columns)) is not None]
    wide = [(s, h) for s, h in found if h.wide]
    if wide:
        return read_register(path, wide, meanings, dictionary, site, Notes())
    events = [(s, h) for s, h in found if "activity" in h.position]
    if not events:
        raise _no_header(path, sheets, columns)
    notes = Notes()
    rows: list[Row] = []
    for s, h in events:
        rows += _event_rows(path, s, h, columns, site, notes)
    if notes.apart:
        refuse_if_lost(path, len(rows), notes)
    facts = Facts(
        rows=len(rows) + len(notes.apart),
        columns={c: events[0][1].names[i] for c, i in events[0][1].position.items()},
    )
    told = {**dictionary.of.get("kind", {}), **meanings.kinds}
    meant = Meanings(meanings.activities, told, meanings.first, meanings.last)
    return gather(path, rows, meant, notes, facts)


def dictionary_of(mapping: Path | None) -> Dictionary:
    """What a mapping file says; nothing without one."""
    if mapping is None:
        return Dictionary()
    sheets = sheets_of(mapping, bytes_of(mapping))
    return read_mapping(mapping, sheets[0].rows if sheets else [])


def _chosen(path: Path, sheets: list[Sheet], name: str | None) -> list[Sheet]:
    if name is None:
        return sheets
    chosen = [s for s in sheets if s.name == name]
    if not chosen and not any(s.name for s in sheets):
        raise fault(path, 0, Message("is no workbook and has no sheets"), Message("Leave out --sheet."))
    if not chosen:
        have = listed([s.name for s in sheets])
        problem = Message("there is no sheet {name} among {have}", name=shown(name), have=have)
        raise fault(path, 0, problem, Message("Name one of them."))
    return chosen


def _no_header(path: Path, sheets: list[Sheet], columns: Mapping[str, str]) -> Exception:
    """What is missing of the row that looks most like a header: the one with most cells of the first ones."""
    sheet = next(s for s in sheets if s.rows)
    line, cells = max(sheet.rows[:10], key=lambda row: sum(bool(str(c).strip()) for c in row[1]))
    names = [str(c).strip() for c in cells if str(c).strip()]
    problem = Message(
        "no header was found; the fullest of the first rows is {have}",
        have=listed([str(shown(n, 20)) for n in names]),
    )
    remedy = Message(
        "Name the columns: --column received=HEADER for a row per dispute (and closed, site, town, kind, organisation, "
        "outcome), or case, activity, time and site for a row per event."
    )
    return fault(path, line, problem, remedy)


# --- Rows of events ------------------------------------------------------------------------------------------------


def _event_rows(
    path: Path, sheet: Sheet, header: Header, columns: Mapping[str, str], site: str, notes: Notes
) -> list[Row]:
    position = _positions(path, header, columns, site)
    out = []
    cells_of_time = [
        row[position["time"]] for _, row in sheet.rows[header.first :] if position["time"] < len(row)
    ]
    first = day_first(cells_of_time)
    if first is None:
        notes.add("day_first", n=sum(year_last(c) for c in cells_of_time if isinstance(c, str)))
    for line, cells in sheet.rows[header.first :]:
        if not any(str(c).strip() for c in cells):
            notes.add("blank", line)
        elif is_total(cells) or is_note(cells):
            notes.add("totals", line)
        elif is_heading(cells, header):
            notes.add("headings", line)
        elif _does_not_fit(cells, header, sheet):
            problem = Message("the row has {n} cells, the header {m}", n=len(cells), m=len(header.names))
            notes.put_apart(line, problem)
        else:
            at = {name: cells[i] if i < len(cells) else "" for name, i in position.items()}
            row = row_of(line, at, notes, site, day_before_month=first is not False)
            if row is not None:
                out.append(row)
    return out


def _does_not_fit(cells: list[Cell], header: Header, sheet: Sheet) -> bool:
    """Whether a row has more or fewer cells than the header: in a CSV, for a workbook leaves empty ones out."""
    if any(str(c).strip() for c in cells[len(header.names) :]):
        return True
    return len(cells) < len(header.names) and not sheet.name


def _positions(path: Path, header: Header, columns: Mapping[str, str], site: str) -> dict[str, int]:
    """Where each column is. Raises ScenarioError for one that is missing or there twice."""
    for name in (*EVENT_COLUMNS, "town", "kind", "channel"):
        wanted = columns.get(name, name)
        if header.names.count(wanted) > 1:
            problem = Message("the column {wanted} is there twice", wanted=shown(wanted))
            raise fault(path, header.line, problem, Message("Rename one of the two."))
        needed = name in columns or (name in EVENT_COLUMNS and not (name == "site" and site))
        if name not in header.position and needed:
            near = nearest(wanted, header.names) or "HEADER"
            have = listed([str(shown(h)) for h in header.names])
            problem = Message("there is no column {wanted} among {have}", wanted=shown(wanted), have=have)
            remedy = Message("Say which one it is: --column {name}={near}.", name=name, near=near)
            if name == "site":
                remedy = Message(
                    "Say which one it is: --column {name}={near}; if the ledger names no places: --site NAME.",
                    name=name,
                    near=near,
                )
            raise fault(path, header.line, problem, remedy)
    return dict(header.position)
