"""`new`: a place file for another county, from the figures of a news report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sim.cli import OK, spreadsheet
from sim.cli.json_answer import answer
from sim.cli.perform import asked, typed
from sim.language import marked, said_by, tr
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.show.text.console import console
from sim.studies.new import NEEDED, figures_of, new, read_figure

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


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    given = asked(args)
    try:
        if sys.stdin.isatty() and not args.json:
            known = figures_of(Path(args.figures)) if args.figures else {}
            known |= {figure: value for figure, value in given.items() if value is not None}
            if any(f not in known for f in NEEDED):
                given |= _asked(known)
        study = new(args.out, **given)
    except FileExistsError as error:
        raise UserError(said_by(error)) from None
    path, place = study.file, study.place
    out = console()
    about = {"place": terms.title(place.title), "start": place.window.start, "end": place.window.end}
    out.print(tr("{file}: {place}, {start} to {end}.", file=path, **about))
    said = marked(
        "Every number in it has a source and a range; what the report did not say is national or assumed."
    )
    out.print(tr(said))
    found: dict[str, Any] = {**study.answer(), "run": None}
    answer(args, found, written=[path, *spreadsheet.write(args, study, typed(args), (place,))])
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
                    read_figure(figure, answer, figure)
                out[figure] = answer
            except UserError as error:
                print(f"  {error}")
    return out
