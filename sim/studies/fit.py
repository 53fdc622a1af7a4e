"""What a ledger of disputes identifies, and a place file that says so."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.export.activities import parts
from sim.export.cells import inert
from sim.language import Message, Text
from sim.ledger.estimate import Estimate
from sim.ledger.fit import Fitted, Sizes, Told
from sim.ledger.fit import fit as fit_ledger
from sim.ledger.ledger import KINDS, Meanings
from sim.ledger.read import OPTIONAL, REQUIRED, read_ledger
from sim.runs.store import text_of, write_atomically
from sim.scenario.errors import UserError, listed, nearest
from sim.studies.county import about_place
from sim.studies.study import Study, key_of


@dataclass(frozen=True)
class Fit(Study):
    """What a ledger identifies, and the place file made of it."""

    command: ClassVar[str] = "fit"
    fitted: Fitted = field(repr=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`estimates`, and `not_identified`: what keeps its prior, and why."""
        columns = [f.name for f in fields(Estimate)]
        missing = pd.DataFrame(self.fitted.missing, columns=["what", "why", "parameters"])
        return {
            "estimates": pd.DataFrame([astuple(e) for e in self.fitted.estimates], columns=columns),
            "not_identified": missing,
        }

    def messages(self) -> list[Text]:
        """What was noticed in the ledger."""
        return list(self.fitted.remarks)

    def manifest(self) -> dict[str, Any]:
        """Which ledger."""
        about = self.fitted.about
        ledger = {"file": about.file, "sha256": about.sha256}
        return {"command": self.command, "key": key_of([ledger, self.fitted.text]), "ledger": ledger}

    def answer(self) -> dict[str, Any]:
        """The estimates, and what is not identified, for programs."""
        fitted, about = self.fitted, self.fitted.about
        return {
            "place": about_place(fitted.place),
            "ledger": {"file": about.file, "sha256": about.sha256, "cases": about.cases},
            "known_in_window": fitted.arrivals.total,
            "estimates": fitted.estimates,
            "not_identified": [
                {"what": what, "why": why, "parameters": paths} for what, why, paths in fitted.missing
            ],
        }

    def write_place(self, file: str | Path) -> Path:
        """Write the place file. Raises UserError where it cannot be written."""
        return _written(Path(file), self.fitted.text)

    def write_estimates(self, file: str | Path) -> Path:
        """Write all estimates as CSV."""
        return _written(Path(file), estimates_csv(self.fitted.estimates))


def fit(
    ledger: str | Path,
    *,
    name: str | None = None,
    column: Mapping[str, str] | Sequence[str] = (),
    activity: Mapping[str, str] | Sequence[str] = (),
    kind: Mapping[str, str] | Sequence[str] = (),
    encoding: str = "utf-8",
    first: date | None = None,
    last: date | None = None,
    persons: int | None = None,
    villages: int | None = None,
    townships: int | None = None,
    sizes: str | Path | None = None,
    written_down: float = 1.0,
) -> Fit:
    """Estimate what a ledger identifies: CSV (case, activity, time, site and kind) or XES.

    `column` says the ledger's header by our name, `activity` and `kind` what its words mean; as mappings or as texts
    `THIS=THAT`. Nothing is written; see `Fit.write_place`. Raises UserError and ScenarioError.
    """
    path = Path(ledger)
    columns = _pairs("--column", column)
    for one in columns:
        _one_of("--column", one, (*REQUIRED, *OPTIONAL))
    meanings = Meanings(_activities(activity), _kinds(kind), first, last)
    held = read_ledger(path, meanings, columns, encoding)
    sites = {c.site for c in held.cases}
    told = Told(
        name=name or slug(path.stem),
        villages=villages,
        persons=persons,
        townships=townships,
        sizes=read_sizes(Path(sizes), sites) if sizes else None,
        written_down=written_down,
    )
    _check(told, sites)
    return Fit(fit_ledger(held, told))


def slug(text: str) -> str:
    """A name of a place from that of a file."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if re.match(r"[a-z]", plain) else f"place_{plain}".rstrip("_")


def _written(file: Path, text: str) -> Path:
    try:
        write_atomically(file, text.encode("utf-8"))
    except OSError as error:
        raise UserError(
            Message("{file} cannot be written: {strerror}", file=file, strerror=error.strerror or error)
        ) from None
    return file


def _pairs(option: str, given: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    return dict(given) if isinstance(given, Mapping) else dict(_pair(option, text) for text in given)


def _pair(option: str, text: str) -> tuple[str, str]:
    left, equals, right = text.rpartition("=") if option == "--activity" else text.partition("=")
    if not equals or not left.strip() or not right.strip():
        raise UserError(
            Message(
                "{option} {text}: write two words with = between them, as in {option} this=that.",
                option=option,
                text=text,
            )
        )
    return left.strip(), right.strip()


def _one_of(option: str, word: str, words: Iterable[str]) -> None:
    words = list(words)
    if word not in words:
        near = nearest(word, words)
        hint = (
            Message("Did you mean {near}?", near=near)
            if near
            else Message("Write one of {words}.", words=listed(words))
        )
        raise UserError(
            Message("{option}: there is no '{word}'. {hint}", option=option, word=word, hint=hint)
        )


def _activities(given: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    out = _pairs("--activity", given)
    for meaning in out.values():
        if parts(meaning) is None:
            raise UserError(
                Message(
                    "--activity: '{meaning}' is no activity of docs/event_logs.md. Write one such as 'known "
                    "at village', 'passed to township' or 'settled at village'.",
                    meaning=meaning,
                )
            )
    return out


def _kinds(given: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    out = _pairs("--kind", given)
    for kind in out.values():
        _one_of("--kind", kind, KINDS)
    return out


MOST_VILLAGES = 100_000  # the largest county has some 2,000


def _check(told: Told, sites: set[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", told.name):
        raise UserError(
            Message(
                "--name '{told}' may have small letters, digits and _ only, such as shiqiao_2023.",
                told=told.name,
            )
        )
    if told.villages is not None and told.villages > MOST_VILLAGES:
        raise UserError(
            Message(
                "--villages {villages}: no county has more than {most:,}. Write fewer.",
                villages=told.villages,
                most=MOST_VILLAGES,
            )
        )
    if told.villages is not None and told.villages < len(sites):
        raise UserError(
            Message(
                "--villages {villages}: the ledger has {n} sites. Write at least as many.",
                villages=told.villages,
                n=len(sites),
            )
        )
    villages = told.villages or (len(told.sizes.persons) if told.sizes else len(sites))
    if told.townships is not None and told.townships > villages:
        raise UserError(
            Message(
                "--townships {townships}: there are {villages} villages. Write at most as many.",
                townships=told.townships,
                villages=villages,
            )
        )
    if told.villages is not None and told.sizes is not None and told.villages != len(told.sizes.persons):
        n = len(told.sizes.persons)
        raise UserError(
            Message(
                "--villages {villages}: {file} has {n}. Leave out --villages.",
                villages=told.villages,
                file=told.sizes.file,
                n=n,
            )
        )


def read_sizes(path: Path, sites: set[str]) -> Sizes:
    """Persons by site from a CSV with columns site and persons; every site of the ledger must be there."""
    try:
        rows = list(csv.reader(io.StringIO(text_of(path), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            Message(
                "{path} cannot be read: {error}. Write a CSV in UTF-8: site,persons.", path=path, error=error
            )
        ) from None
    header = [h.strip() for h in rows[0]] if rows else []
    if not {"site", "persons"} <= set(header):
        raise UserError(
            Message(
                "{path}:1: the columns are {header}. Write a header: site,persons.",
                path=path,
                header=listed(header) or "none",
            )
        )
    at = header.index("site"), header.index("persons")
    out: dict[str, float] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            site, persons = row[at[0]].strip(), float(row[at[1]])
        except (IndexError, ValueError):
            raise UserError(
                Message("{path}:{line}: persons is no number. Write one, such as 2300.", path=path, line=line)
            ) from None
        if not (0 < persons < math.inf) or not site or site in out:
            problem = (
                Message("the site is there twice")
                if site in out
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
        out[site] = persons
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


def estimates_csv(estimates: Iterable[Estimate]) -> str:
    """All estimates as CSV, columns as the fields of an estimate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f.name for f in fields(Estimate)])
    writer.writerows([inert(cell) for cell in astuple(e)] for e in estimates)
    return text.getvalue()
