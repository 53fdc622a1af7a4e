"""`new`: a place file for another county, from the figures of a news report."""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

from sim.cli import OK, UserError
from sim.cli.machine import about_place, answer
from sim.language import Message, marked, tr
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.errors import Fault, ScenarioError, nearest
from sim.scenario.load import load_place
from sim.scenario.new_place import News, place_text
from sim.show.text.console import console

COUNTS = ("villages", "persons", "townships", "mediators", "mediated", "succeeded")
DAYS = ("start", "end")
TEXTS = ("name", "rate", "title_en", "title_zh", "source", "url")
FIGURES = (*TEXTS, *COUNTS, *DAYS)
ALIASES = {"population": "persons"}
ASKED = {
    "name": marked("short name, for the file (a-z, 0-9, _)"),
    "title_zh": marked("its Chinese name (may be empty)"),
    "villages": marked("how many villages and communities"),
    "persons": marked("how many inhabitants"),
    "townships": marked("how many townships (may be empty)"),
    "mediators": marked("how many mediators in all (may be empty)"),
    "start": marked("first day that the figures cover, YYYY-MM-DD (may be empty)"),
    "end": marked("last day (may be empty)"),
    "mediated": marked("how many disputes were mediated (may be empty)"),
    "succeeded": marked("how many of them with success (may be empty)"),
    "source": marked("where the figures come from (may be empty)"),
}
NEEDED = ("name", "villages", "persons")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    told = _figures_of(Path(args.figures)) if args.figures else {}
    for figure in FIGURES:
        given = getattr(args, figure)
        if given is not None:
            told[figure] = given if isinstance(given, str) else str(given)
    if sys.stdin.isatty() and not args.json and any(f not in told for f in NEEDED):
        told |= _asked(told)
    missing = [f for f in NEEDED if not told.get(f)]
    if missing:
        options = " --".join(missing)
        raise UserError(
            Message(
                "new needs --{options}; give them, or a table with --figures, or answer at a terminal",
                options=options,
            )
        )
    news = News(**{f: _read(f, text, f"--{f.replace('_', '-')}") for f, text in told.items() if text != ""})
    problems = news.problems()
    if problems:
        raise ScenarioError(
            [Fault("new", 0, figure, words, Message("Give another.")) for figure, words in problems]
        )
    path = Path(args.out or f"{news.name}.yaml")
    if path.suffix not in (".yaml", ".yml"):
        raise UserError(Message("--out: {path} must end in .yaml", path=path))
    if path.exists():
        raise UserError(
            Message("{path} exists and is kept; name another file with --out, or take it away", path=path)
        )
    write_atomically(path, place_text(news, date.today()).encode())
    try:
        place = load_place(path)
    except ScenarioError:
        path.unlink(missing_ok=True)
        raise
    out = console()
    about = {"place": terms.title(place.title), "start": place.window.start, "end": place.window.end}
    out.print(tr("{file}: {place}, {start} to {end}.", file=path, **about))
    said = marked(
        "Every number in it has a source and a range; what the report did not say is national or assumed."
    )
    out.print(tr(said))
    found: dict[str, Any] = {"place": about_place(place), "run": None}
    answer(args, found, written=[path])
    if args.no_run:
        out.print(tr("Run it: run_sim.py run {file}. Calibrate it: run_sim.py calibrate {file}", file=path))
        return OK
    from sim.cli.parser import build_parser
    from sim.cli.run import run as simulate

    words = ["run", str(path), "--replications", str(args.replications)]
    words += [option for option in ("--no-figures", "--json") if getattr(args, option[2:].replace("-", "_"))]
    first = build_parser().parse_args(words)
    code = simulate(first)
    if args.json and code == OK:
        ran = first.answer
        answer(
            args,
            {**found, "run": ran["answer"]},
            warnings=ran["warnings"],
            written=[path, *ran["written"]],
        )
    said = marked("Next: run_sim.py calibrate {file}   (parameters that agree with the report; some minutes)")
    out.print("\n" + tr(said, file=path))
    return code


def _asked(told: dict[str, str]) -> dict[str, str]:
    """Ask at the terminal for what is not known yet."""
    print(tr("A few questions; an empty answer leaves it to national figures."))
    out = {}
    for figure, question in ASKED.items():
        while figure not in told and figure not in out:
            answer = input(tr("  {question}: ", question=tr(question))).strip()
            if not answer and figure in NEEDED:
                print(tr("  this one is needed"))
                continue
            try:
                if answer:
                    _read(figure, answer, figure)
                out[figure] = answer
            except UserError as error:
                print(f"  {error}")
    return out


def _read(figure: str, text: str, where: str) -> Any:
    """A figure from what was written."""
    if figure in COUNTS:
        plain = text.replace(",", "").replace("_", "").strip()
        if not plain.isdigit():
            raise UserError(
                Message("{where}: '{text}' must be a whole number, such as 1294", where=where, text=text)
            )
        return int(plain)
    if figure in DAYS:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            raise UserError(
                Message("{where}: '{text}' is not a date; write YYYY-MM-DD", where=where, text=text)
            ) from None
    return text.strip().rstrip("%") if figure == "rate" else text.strip()


def _figures_of(path: Path) -> dict[str, str]:
    """Figures from a table with the columns figure and value (and any others)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
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
            _read(figure, value, f"{path}:{line}")
            out[figure] = value
        if row.get("source") and "source" not in out and figure != "source":
            out.setdefault("source", str(row["source"]).strip())
    return out
