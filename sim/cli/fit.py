"""`fit`: what a ledger of disputes identifies, and a place file that says so."""

from __future__ import annotations

import argparse
import csv
import io
import math
import re
import textwrap
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

from sim.cli import OK
from sim.cli.machine import about_place, answer
from sim.export.activities import parts
from sim.language import Message, marked, shown, tr
from sim.ledger.estimate import Estimate
from sim.ledger.fit import Fitted, Sizes, Told, fit
from sim.ledger.ledger import KINDS, Meanings
from sim.ledger.place_file import listed_paths
from sim.ledger.read import OPTIONAL, REQUIRED, read_ledger
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.errors import UserError, listed, nearest
from sim.show.text.console import between, console, number, table

GROUPS = ("arrivals", "villages", "season", "kinds", "durations", "routing", "parameters")
SHOWN_VILLAGES = 12


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    path = Path(args.ledger)
    out = Path(args.out) if args.out else Path(f"{path.stem}.yaml")
    for file in (out, *([Path(args.estimates)] if args.estimates else [])):
        _free(file, path, overwrite=args.overwrite)
    columns = dict(_pair("--column", text) for text in args.column)
    for name in columns:
        _one_of("--column", name, (*REQUIRED, *OPTIONAL))
    meanings = Meanings(_activities(args.activity), _kinds(args.kind), args.first, args.last)
    ledger = read_ledger(path, meanings, columns, args.encoding)
    told = Told(
        name=args.name or slug(out.stem),
        villages=args.villages,
        persons=args.persons,
        townships=args.townships,
        sizes=read_sizes(Path(args.sizes), {c.site for c in ledger.cases}) if args.sizes else None,
        written_down=args.written_down,
    )
    _check(told, {c.site for c in ledger.cases})
    fitted = fit(ledger, told)
    if args.estimates:  # before anything is printed: the reader of a pipe may have gone
        _write(Path(args.estimates), estimates_csv(fitted.estimates))
    _write(out, fitted.text)
    _print(fitted)
    print(tr("Written to {file}; try: python run_sim.py explain {file}", file=out))
    answer(
        args,
        {
            "place": about_place(fitted.place),
            "ledger": {"file": fitted.about.file, "sha256": fitted.about.sha256, "cases": fitted.about.cases},
            "known_in_window": fitted.arrivals.total,
            "estimates": fitted.estimates,
            "not_identified": [
                {"what": what, "why": why, "parameters": paths} for what, why, paths in fitted.missing
            ],
        },
        warnings=fitted.remarks,
        written=[out, *([args.estimates] if args.estimates else [])],
    )
    return OK


def slug(text: str) -> str:
    """A name of a place from that of a file."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if re.match(r"[a-z]", plain) else f"place_{plain}".rstrip("_")


def _free(file: Path, ledger: Path, *, overwrite: bool) -> None:
    if file.is_dir():
        raise UserError(Message("{file} is a folder. Name a file.", file=file))
    if file.exists() and file.resolve() == ledger.resolve():
        raise UserError(Message("{file} is the ledger itself. Name another file.", file=file))
    if file.exists() and not overwrite:
        raise UserError(Message("{file} exists already. Name another file, or add --overwrite.", file=file))


def _write(file: Path, text: str) -> None:
    try:
        write_atomically(file, text.encode("utf-8"))
    except OSError as error:
        raise UserError(
            Message("{file} cannot be written: {strerror}", file=file, strerror=error.strerror or error)
        ) from None


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


def _activities(texts: list[str]) -> dict[str, str]:
    out = dict(_pair("--activity", text) for text in texts)
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


def _kinds(texts: list[str]) -> dict[str, str]:
    out = dict(_pair("--kind", text) for text in texts)
    for kind in out.values():
        _one_of("--kind", kind, KINDS)
    return out


def _check(told: Told, sites: set[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", told.name):
        raise UserError(
            Message(
                "--name '{told}' may have small letters, digits and _ only, such as shiqiao_2023.",
                told=told.name,
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
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
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
    writer.writerows(astuple(e) for e in estimates)
    return text.getvalue()


def _print(fitted: Fitted) -> None:
    out, about = console(), fitted.about
    head = {"file": about.file, "n": about.cases, "known": fitted.arrivals.total}
    print(
        tr(
            "{file}: {n:,} cases, {known:,} of them known in {window}",
            **head,
            window=about.window,
        )
    )
    for group in GROUPS:
        rows = [e for e in fitted.estimates if e.group == group]
        if not rows:
            continue
        columns = (tr(group), tr("value"), tr("95 % interval"), tr("unit"), "n", tr("method"))
        grid = table(*columns, right=(1, 2, 4))
        for e in rows[:SHOWN_VILLAGES] if group == "villages" else rows:
            interval = between(number(e.low), number(e.high)) if e.low < e.high else ""
            poor = tr(" (poor fit)") if "poor fit" in e.note else ""
            name, unit, method = shown(e.name), terms.unit(e.unit), shown(e.method)
            grid.add_row(name, number(e.value), interval, unit, str(e.n), method + poor)
        print()
        out.print(grid)
        if group == "villages" and len(rows) > SHOWN_VILLAGES:
            print(tr("and {n} more villages, all in the file", n=len(rows) - SHOWN_VILLAGES))
    held = sorted({e.given for e in fitted.estimates if e.given})
    if held:
        print("\n" + tr("Some parameters hold others at the middle of their priors:"))
        for given in held:
            whose = ", ".join(e.path for e in fitted.estimates if e.given == given and e.path)
            print(_wrapped(tr("- {paths}: given {given}", paths=whose, given=given)))
        said = marked(
            "The file has a wider range for incidence.latent_rate: over all that the priors of detection allow."
        )
        print(tr(said))
    print("\n" + tr("Not identified by a ledger: keeps its prior."))
    for what, why, paths in fitted.missing:
        said = tr("- {what}: {why} ({paths})", what=what, why=why, paths=listed_paths(paths))
        print(_wrapped(said))
    print()
    for remark in fitted.remarks:
        print(_wrapped(shown(remark)))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
