"""`check`: whether calibrated places still give their reported figures; made for continuous integration."""

from __future__ import annotations

import argparse
import contextlib
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from sim.cli import FAILED, OK
from sim.cli.machine import answer
from sim.cli.run import chosen_executor
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, marked, shown, tr
from sim.runs.posterior import load, path_of
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.policy import practice
from sim.scenario.terms import Term
from sim.show.text.console import console, number, progress, table
from sim.studies.calibration.gate import FALSE_ALARM, Check, Gated, check


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    places = args.places or [n for n in names("places") if path_of(n).is_file()]
    if not places:
        raise UserError(Message("no place has a posterior; make one: run_sim.py calibrate PLACE"))
    gated = [_gated(name) for name in places]
    err = console(error=True)
    stale = []
    for g in gated:
        why = g.posterior.stale(g.place, g.measures)
        if why:
            stale.append(
                Message(
                    "{place}: {why}; checked against what its posterior says all the same.",
                    place=Term("word", g.place.name),
                    why=why,
                )
            )
            err.print(shown(stale[-1]))
    make_ready("compiled", gated[0].place, err)
    with contextlib.closing(chosen_executor(args)) as executor:
        try:
            with progress(tr("replications")) as report:
                checks = check(gated, executor=executor, seed=args.seed, progress=report)
        except STOPS as stop:
            return told(stop, Path())
    if args.junit:
        write_atomically(Path(args.junit), junit(checks))
    _print(checks)
    if args.github:
        for line in github_lines(checks):
            print(line, file=sys.stderr if args.json else sys.stdout)
    found = {
        "seed": args.seed,
        "false_alarm": FALSE_ALARM,
        "passed": all(c.passed for c in checks),
        "checks": [{**c.__dict__, "passed": c.passed} for c in checks],
    }
    answer(args, found, warnings=stale, written=[args.junit] if args.junit else [])
    return OK if all(c.passed for c in checks) else FAILED


def _gated(name: str) -> Gated:
    place = load_place(name)
    return Gated(place, tuple(practice(place)), load(path_of(place.name)))


def _print(checks: Sequence[Check]) -> None:
    out = console()
    grid = table(
        *(tr("place"), tr("reading"), tr("figure"), tr("reported"), tr("pinned"), tr("simulated")),
        *(tr("difference"), tr("tolerance"), tr("verdict")),
        right=(3, 4, 5, 6, 7),
    )
    for c in checks:
        why = tr("FAILED: {why}", why=shown(c.problem)) if c.problem else tr("FAILED")
        verdict = tr("ok") if c.passed else why
        cells = [number(x) for x in (c.pinned, c.simulated, c.simulated - c.pinned, c.tolerance)]
        figure, reported = terms.named(c.figure), shown(c.reported)
        grid.add_row(tr(c.place), terms.reading(c.reading), figure, reported, *cells, verdict)
    out.print(grid)
    failed = sum(not c.passed for c in checks)
    said = (
        marked("{failed} of {n} checks failed. Chance that any fails though nothing changed: {p:g}.")
        if failed
        else marked("All {n} checks passed. Chance of a false alarm in any of them: {p:g}.")
    )
    out.print(tr(said, failed=failed, n=len(checks), p=FALSE_ALARM))


def sentence(c: Check) -> str:
    """A failed check in words."""
    if c.problem:
        return f"{c.place}, {c.reading.replace('_', '-')}: {c.figure}: {c.problem}"
    return (
        f"{c.place}, {c.reading.replace('_', '-')}: {c.figure} was {c.pinned:.5g} and is {c.simulated:.5g}; "
        f"the difference {c.simulated - c.pinned:+.3g} is beyond luck (tolerance {c.tolerance:.3g})"
    )


def github_lines(checks: Sequence[Check]) -> list[str]:
    """Failed checks as annotations of GitHub's workflow commands."""
    return [
        f"::error file=scenarios/places/{c.place}.yaml,title=calibration::{sentence(c)}"
        for c in checks
        if not c.passed
    ]


def junit(checks: Sequence[Check]) -> bytes:
    """All checks as JUnit XML."""
    failed = str(sum(not c.passed for c in checks))
    suite = ET.Element("testsuite", name="calibration", tests=str(len(checks)), failures=failed, errors="0")
    for c in checks:
        case = ET.SubElement(suite, "testcase", classname=f"{c.place}.{c.reading}", name=c.figure)
        if not c.passed:
            ET.SubElement(case, "failure", message=sentence(c))
    root = ET.Element("testsuites")
    root.append(suite)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
