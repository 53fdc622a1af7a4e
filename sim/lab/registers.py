"""A register that somebody brings: how far it can be trusted, words nobody knows, what will be open, a county of it.

Runs in workers. The file lies in the folder of the server, which goes when the page is ended.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.lab.drawing import svg_of
from sim.language import shown, tr, use
from sim.ledger.mapping import COLUMNS, MEANINGS, UnknownWords
from sim.runs.atomic_files import write_atomically
from sim.scenario import terms
from sim.scenario.errors import ScenarioError, UserError
from sim.show.text.console import between, number
from sim.show.text.forecast import ERRORS, NUMBERS
from sim.show.text.quality import TITLES, finding_cells
from sim.studies.fit import fit
from sim.studies.forecast import Outlook, forecast
from sim.studies.new import read_figure
from sim.studies.quality import Quality, quality

LARGEST = 50_000_000  # bytes of a register
SUFFIXES = (".xlsx", ".xls", ".csv", ".xes", ".xml")
WORDS = "words.csv"


@dataclass(frozen=True)
class Told:
    """What was said of a register: its columns (`received=受理日期`), what words mean, the village if none is named.

    `means` holds column, word and meaning.
    """

    columns: tuple[str, ...] = ()
    means: tuple[tuple[str, str, str], ...] = ()
    site: str = ""


@dataclass(frozen=True)
class Word:
    """A word of the register without a meaning, and the meanings that it may have: value and name of each."""

    column: str
    word: str
    rows: int
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ahead:
    """What will be open: today in a sentence, a table of numbers by horizon, notes, a picture."""

    today: str
    horizons: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    figure: str


@dataclass(frozen=True)
class Read:
    """What reading a register brought. `trouble` says why it cannot be read; `words` what must be said first."""

    trouble: str = ""
    words: tuple[Word, ...] = ()
    title: str = ""
    groups: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    notices: tuple[str, ...] = ()
    figure: str = ""
    ahead: Ahead | None = None
    ahead_trouble: str = ""


def read(file: str, told: Told, language: str) -> Read:
    """Quality and forecast of a register, or what stands in the way."""
    with use(language):
        asked = _asked(Path(file), told)
        try:
            found = _of_quality(quality(file, **asked))
        except UnknownWords as error:
            return Read(tr("Some words of the register have no meaning here yet. Say what they mean."),
                        tuple(_unknown(error.text)))  # fmt: skip
        except (UserError, ScenarioError) as error:
            return Read(str(error))
        try:
            return replace(found, ahead=_of_forecast(forecast(file, **asked)))
        except (UserError, ScenarioError) as error:
            return replace(found, ahead_trouble=str(error))


def _asked(file: Path, told: Told) -> dict[str, Any]:
    asked: dict[str, Any] = {"column": list(told.columns), "site": told.site}
    if told.means:
        asked["mapping"] = _mapping(file, told)
    return asked


def _mapping(file: Path, told: Told) -> Path:
    """The mapping file beside a register: the same that the commands take."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[:3])
    writer.writerows(told.means)
    path = file.parent / WORDS
    write_atomically(path, ("\ufeff" + out.getvalue()).encode())
    return path


def _unknown(text: str) -> Iterator[Word]:
    """Words of a mapping file that is to be filled in."""
    for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff"))):
        column = row["column"]
        if column in MEANINGS:
            choices = tuple((meaning, terms.named(meaning)) for meaning in MEANINGS[column])
            yield Word(column, row["word"], int(row["rows"]), choices)


def _of_quality(study: Quality) -> Read:
    ledger = study.ledger
    title = tr(
        "{file}: {n:,} disputes, {start} to before {end}",
        file=Path(ledger.file).name,
        n=len(ledger.cases),
        start=ledger.start.date(),
        end=ledger.end.date(),
    )
    groups = []
    for group, name in TITLES.items():
        rows = tuple(tuple(finding_cells(f)) for f in study.findings if f.group == group)
        if rows:
            groups.append((tr(name), rows))
    notices = [shown(notice.text) for notice in ledger.notices]
    if ledger.apart:
        notices.append(tr("{n} rows cannot be used; they are left out.", n=len(ledger.apart)))
    return Read("", (), title, tuple(groups), tuple(notices), svg_of(study.figures()["quality"]))


def _of_forecast(study: Outlook) -> Ahead:
    found = study.found
    today = tr(
        "Open on {start}: {n}, of these {overdue} overdue.",
        start=found.start.date(),
        n=len(found.ages),
        overdue=found.overdue,
    )
    days = [f.days for f in found.horizons]
    held = {(r["days"], r["number"], r["township"]): r for r in study.rows()}

    def cells(name: str, town: str) -> Iterator[str]:
        for d in days:
            row = held[d, name, town]
            yield f"{number(row['median'])} ({between(number(row['low']), number(row['high']))})"

    rows = [(tr(title), *cells(name, "")) for name, title in NUMBERS.items()]
    rows += [(tr("open in {town}", town=town), *cells("open", town)) for town in found.towns]
    notes = [tr("Median, and the band that holds 80 %."), *(shown(m) for m in study.messages())]
    if study.tests:
        inside = sum(b.inside for b in study.tests)
        said = tr(
            "Looking back: of {n} earlier forecasts for {days} days later, {inside} had what came in their band.",
            n=len(study.tests),
            days=study.tests[0].days,
            inside=inside,
        )
        best = min(study.errors, key=lambda name: study.errors[name])
        naive = tr("Here a naive forecast has done better: {name}.", name=tr(ERRORS[best]))
        notes += [said, *([naive] if best != "forecast" else [])]
    heads = tuple(tr("in {n} days", n=d) for d in days)
    return Ahead(today, heads, tuple(rows), tuple(notes), svg_of(study.figures()["forecast"]))


def county_of(file: str, told: Told, given: dict[str, str], language: str) -> str:
    """The text of a place file that a register identifies; `given` are persons, villages and townships as typed.

    Raises UserError and ScenarioError.
    """
    with use(language):
        numbers = {name: read_figure(name, text, terms.named(name)) for name, text in given.items() if text}
        return fit(file, name="own_register", **_asked(Path(file), told), **numbers).fitted.text


def book_of(kind: str, file: str, told: Told, language: str) -> bytes:
    """The workbook of `quality` or `forecast`."""
    from sim.show.workbook import Asked, workbook

    with use(language):
        asked = _asked(Path(file), told)
        study = (quality if kind == "quality" else forecast)(file, **asked)
        return workbook(study, Asked(f"python run_sim.py {kind} {Path(file).name}"))
