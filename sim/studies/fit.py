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
from sim.ledger.fit import Fitted, Told
from sim.ledger.fit import fit as fit_ledger
from sim.ledger.headers import EVENT_COLUMNS, OPTIONAL_COLUMNS, REGISTER_COLUMNS
from sim.ledger.ledger import KINDS, Ledger, Meanings
from sim.ledger.read import read_ledger
from sim.runs.atomic_files import write_atomically
from sim.scenario.errors import UserError, listed, nearest
from sim.studies.asked import once
from sim.studies.county import about_place
from sim.studies.sizes import read_sizes
from sim.studies.study import Study, key_of


@dataclass(frozen=True)
class Fit(Study):
    """What a ledger identifies, and the place file made of it."""

    command: ClassVar[str] = "fit"
    fitted: Fitted = field(repr=False)
    ledger: Ledger = field(repr=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`estimates`, and `not_identified`: what keeps its prior, and why."""
        columns = [f.name for f in fields(Estimate)]
        missing = pd.DataFrame(self.fitted.missing, columns=["what", "why", "parameters"])
        apart = pd.DataFrame(self.ledger.apart, columns=["sheet", "line", "why"])
        return {
            "estimates": pd.DataFrame([astuple(e) for e in self.fitted.estimates], columns=columns),
            "not_identified": missing,
            **({"apart": apart} if len(apart) else {}),
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
            "rows_apart": [{"sheet": a.sheet, "line": a.line, "why": a.why} for a in self.ledger.apart],
            "noticed": {n.name: n.n for n in self.ledger.notices},
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
    encoding: str | None = None,
    mapping: str | Path | None = None,
    sheet: str | None = None,
    site: str = "",
    first: date | None = None,
    last: date | None = None,
    persons: int | None = None,
    villages: int | None = None,
    townships: int | None = None,
    sizes: str | Path | None = None,
    written_down: float | tuple[float, float] | None = None,
    mediated: int | None = None,
    succeeded: int | None = None,
) -> Fit:
    """Estimate what a ledger identifies: a register with a row per dispute, or a log with a row per event.

    It is an Excel workbook, CSV or XES. `column` says the ledger's header by our name, `activity` and `kind` what its
    words mean, as mappings or as texts `THIS=THAT`; `mapping` is a file that says it of many. `written_down` is a share
    or a range (default: all of an event log, not known of a register). Nothing is written; see `Fit.write_place`.
    Raises UserError and ScenarioError.
    """
    path = Path(ledger)
    held = as_ledger(
        path,
        column=column,
        activity=activity,
        kind=kind,
        encoding=encoding,
        mapping=mapping,
        sheet=sheet,
        site=site,
        first=first,
        last=last,
    )
    sites = {c.site for c in held.cases if c.site}
    if succeeded is not None and (mediated is None or succeeded > mediated):
        raise UserError(Message("--succeeded: say --mediated, too, and at most as many."))
    told_of = 1.0 if written_down is None else written_down
    shares = told_of if isinstance(told_of, tuple) else (told_of, told_of)
    told = Told(
        name=name or slug(path.stem),
        villages=villages,
        persons=persons,
        townships=townships,
        sizes=read_sizes(Path(sizes), sites) if sizes else None,
        written_down=math.sqrt(shares[0] * shares[1]),
        written_range=shares if shares[0] < shares[1] else None,
        written_told=written_down is not None,
        mediated=mediated,
        succeeded=succeeded,
    )
    _check(told, sites)
    return Fit(fit_ledger(held, told), held)


def as_ledger(
    path: Path,
    *,
    column: Mapping[str, str] | Sequence[str] = (),
    activity: Mapping[str, str] | Sequence[str] = (),
    kind: Mapping[str, str] | Sequence[str] = (),
    encoding: str | None = None,
    mapping: str | Path | None = None,
    sheet: str | None = None,
    site: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Ledger:
    """The ledger in a file, as the options say; see `fit`. Raises UserError and ScenarioError."""
    columns = _pairs("--column", column)
    for one in columns:
        _one_of("--column", one, dict.fromkeys((*EVENT_COLUMNS, *OPTIONAL_COLUMNS, *REGISTER_COLUMNS)))
    meanings = Meanings(_activities(activity), _kinds(kind), first, last)
    file = Path(mapping) if mapping is not None else None
    return read_ledger(path, meanings, columns, encoding, mapping=file, site=site.strip(), sheet=sheet)


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
    if isinstance(given, Mapping):
        return dict(given)
    every = [_pair(option, text) for text in given]
    once([left for left, _ in every], option)
    return dict(every)


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


def estimates_csv(estimates: Iterable[Estimate]) -> str:
    """All estimates as CSV, columns as the fields of an estimate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f.name for f in fields(Estimate)])
    writer.writerows([inert(cell) for cell in astuple(e)] for e in estimates)
    return text.getvalue()
