"""A place file for another county, from the figures of a news report."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message
from sim.runs.atomic_files import text_of, write_atomically
from sim.scenario.errors import Fault, ScenarioError, UserError, nearest
from sim.scenario.load import load_place
from sim.scenario.new_place import News, place_text
from sim.scenario.place import Place
from sim.scenario.scalars import narrow, whole_number
from sim.studies.county import County, about_place
from sim.studies.study import Study, key_of

COUNTS = ("villages", "persons", "townships", "mediators", "mediated", "succeeded")
DAYS = ("start", "end")
TEXTS = ("name", "rate", "title_en", "title_zh", "source", "url")
FIGURES = (*TEXTS, *COUNTS, *DAYS)
NEEDED = ("name", "villages", "persons")
ALIASES = {"population": "persons"}


@dataclass(frozen=True)
class NewPlace(Study):
    """A place file that was written, and the place that it holds."""

    command: ClassVar[str] = "new"
    file: Path
    place: Place

    @property
    def county(self) -> County:
        """The place as `sim.load` gives it."""
        return County(str(self.file), self.place)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`parameters`: every number of the place."""
        return {"parameters": self.county.parameters}

    def manifest(self) -> dict[str, Any]:
        """Which file."""
        key = key_of(self.place.model_dump(mode="json"))
        return {"command": self.command, "key": key, "file": self.file.as_posix()}

    def answer(self) -> dict[str, Any]:
        """The place for programs."""
        return {"place": about_place(self.place)}


def new(
    file: str | Path | None = None,
    *,
    figures: str | Path | None = None,
    name: str | None = None,
    title_en: str | None = None,
    title_zh: str | None = None,
    villages: int | str | None = None,
    persons: int | str | None = None,
    townships: int | str | None = None,
    mediators: int | str | None = None,
    mediated: int | str | None = None,
    succeeded: int | str | None = None,
    rate: float | str | None = None,
    start: date | str | None = None,
    end: date | str | None = None,
    source: str | None = None,
    url: str | None = None,
) -> NewPlace:
    """Write a place file from the figures of a report (default: NAME.yaml); no file that exists is replaced.

    `figures` is a CSV with the columns figure and value. `name`, `villages` and `persons` are needed, the rest is taken
    from national figures. Raises UserError, ScenarioError for figures that cannot be, FileExistsError.
    """
    asked = {
        "name": name, "title_en": title_en, "title_zh": title_zh, "villages": villages, "persons": persons,
        "townships": townships, "mediators": mediators, "mediated": mediated, "succeeded": succeeded,
        "rate": rate, "start": start, "end": end, "source": source, "url": url,
    }  # fmt: skip
    given = figures_of(Path(figures)) if figures is not None else {}
    given |= {figure: str(value) for figure, value in asked.items() if value is not None}
    missing = [f for f in NEEDED if not given.get(f)]
    if missing:
        options = " --".join(missing)
        raise UserError(
            Message(
                "new needs --{options}; give them, or a table with --figures, or answer at a terminal",
                options=options,
            )
        )
    read = {f: read_figure(f, x, f"--{f.replace('_', '-')}") for f, x in given.items() if x != ""}
    news = News(**read)
    problems = news.problems()
    if problems:
        raise ScenarioError(
            [Fault("new", 0, figure, words, Message("Give another.")) for figure, words in problems]
        )
    path = Path(file or f"{news.name}.yaml")
    if path.suffix not in (".yaml", ".yml"):
        raise UserError(Message("--out: {path} must end in .yaml", path=path))
    if path.exists():
        raise FileExistsError(f"{path} exists and is kept; name another file with --out, or take it away")
    write_atomically(path, place_text(news, date.today()).encode())
    try:
        return NewPlace(path, load_place(path))
    except ScenarioError:
        path.unlink(missing_ok=True)
        raise


def read_figure(figure: str, text: str, where: str) -> Any:
    """A figure from what was written."""
    if figure in COUNTS:
        number = whole_number(text)
        if number is None:
            raise UserError(
                Message(
                    "{where}: '{text}' must be a whole number, such as 1294 or 4.2万", where=where, text=text
                )
            )
        return number
    if figure in DAYS:
        try:
            return date.fromisoformat(narrow(text).strip())
        except ValueError:
            raise UserError(
                Message("{where}: '{text}' is not a date; write YYYY-MM-DD", where=where, text=text)
            ) from None
    if figure == "rate":
        return narrow(text).strip().removesuffix("%").strip()
    said = " ".join(text.split())
    if not said.isprintable():
        raise UserError(
            Message("{where}: there is a character in it that cannot be seen; write it anew", where=where)
        )
    return said


def figures_of(path: Path) -> dict[str, str]:
    """Figures from a table with the columns figure and value (and any others)."""
    try:
        rows = list(csv.DictReader(io.StringIO(text_of(path), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            Message("{path}: cannot be read as a CSV file: {error}", path=path, error=error)
        ) from None
    if not rows or not {"figure", "value"} <= set(rows[0]):
        raise UserError(
            Message(
                "{path}:1: the first line must name the columns figure,value (and source, if you like)",
                path=path,
            )
        )
    out: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        figure = (row["figure"] or "").strip()
        figure = ALIASES.get(figure, figure)
        if figure not in FIGURES:
            near = nearest(figure, FIGURES)
            hint = (
                Message("did you mean {near}?", near=near)
                if near
                else Message("figures are {figures}", figures=", ".join(FIGURES))
            )
            raise UserError(
                Message(
                    "{path}:{line}: there is no figure '{figure}'; {hint}",
                    path=path,
                    line=line,
                    figure=figure,
                    hint=hint,
                )
            )
        if figure in out:
            raise UserError(
                Message(
                    "{path}:{line}: {figure} is given twice; keep one", path=path, line=line, figure=figure
                )
            )
        value = (row["value"] or "").strip()
        if value:
            read_figure(figure, value, f"{path}:{line}")
            out[figure] = value
        if row.get("source") and "source" not in out and figure != "source":
            out.setdefault("source", str(row["source"]).strip())
    return out
