"""How many people live in each village: a table beside a ledger."""

from __future__ import annotations

import math
from pathlib import Path

from sim.language import Message
from sim.ledger.files import bytes_of, sheets_of
from sim.ledger.fit import Sizes
from sim.ledger.sites import site_of
from sim.ledger.words import plain
from sim.scenario.errors import ScenarioError, UserError, listed

SITE = ("site", "村", "村(社区)", "村社区", "村居", "行政村", "村名", "village")
PERSONS = ("persons", "人口", "人口数", "总人口", "户籍人口", "常住人口", "人数")
TOWN = ("town", "乡镇", "乡镇(街道)", "乡镇街道", "镇", "township")


def read_sizes(path: Path, sites: set[str]) -> Sizes:
    """Persons by site from a CSV or workbook with columns for the village and its people, in English or Chinese.

    Every site of the ledger must be there; a village may stand there without its township where only one township of
    the ledger has a village of the name. Raises UserError.
    """
    try:
        rows = [row for row in sheets_of(path, bytes_of(path))[0].rows if any(str(c).strip() for c in row[1])]
    except (ScenarioError, IndexError) as error:
        raise UserError(
            Message("{path} cannot be read: {error}. Write a table: site,persons.", path=path, error=error)
        ) from None
    at = next((i for i, (_, cells) in enumerate(rows[:10]) if _columns(cells) is not None), None)
    if at is None:
        header = [plain(c) for c in rows[0][1]] if rows else []
        raise UserError(
            Message(
                "{path}:1: the columns are {header}. Write a header: site,persons.",
                path=path,
                header=listed(header) or "none",
            )
        )
    site_at, persons_at, town_at = _columns(rows[at][1]) or (0, 0, None)
    out: dict[str, float] = {}
    for line, cells in rows[at + 1 :]:
        told = [*cells, *([""] * 20)]
        if plain(told[site_at]) in ("合计", "总计", "小计"):
            continue
        site = _named(told[site_at], told[town_at] if town_at is not None else "", sites)
        out[site] = _persons(path, line, site, told[persons_at], out)
    missing = sorted(sites - set(out))
    if missing:
        raise UserError(
            Message(
                "{path}: {missing} of the ledger are not in it. Add a row for each site.",
                path=path,
                missing=listed(missing, 3),
            )
        )
    return Sizes(path.name, out)


def _columns(cells: list[object]) -> tuple[int, int, int | None] | None:
    names = [plain(c) for c in cells]
    found = [next((i for i, n in enumerate(names) if n in words), None) for words in (SITE, PERSONS, TOWN)]
    return None if found[0] is None or found[1] is None else (found[0], found[1], found[2])


def _named(village: object, town: object, sites: set[str]) -> str:
    """The site as the ledger names it."""
    site = site_of(str(town), str(village))
    return site.full if site.full in sites else site.village


def _persons(path: Path, line: int, site: str, cell: object, before: dict[str, float]) -> float:
    try:
        persons = float(plain(cell).replace(",", "").removesuffix("人"))
    except ValueError:
        raise UserError(
            Message("{path}:{line}: persons is no number. Write one, such as 2300.", path=path, line=line)
        ) from None
    if not (0 < persons < math.inf) or not site or site in before:
        problem = (
            Message("the site is there twice")
            if site in before
            else Message("site or persons is empty or not above 0")
        )
        raise UserError(
            Message(
                "{path}:{line}: {problem}. Write each site once, with a number above 0.",
                path=path,
                line=line,
                problem=problem,
            )
        )
    return persons
