"""What `check` prints, and the forms that continuous integration reads."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from sim.language import marked, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.calibration.gate import FALSE_ALARM
from sim.studies.calibration.gate_check import Check
from sim.studies.check import Checked


def print_checks(study: Checked) -> None:
    """A row per check, and how many failed."""
    out, checks = console(), study.checks
    grid = table(
        *(tr("place"), tr("reading"), tr("figure"), tr("reported"), tr("pinned"), tr("simulated")),
        *(tr("difference"), tr("tolerance"), tr("verdict")),
        right=(3, 4, 5, 6, 7),
    )
    for c in checks:
        why = tr("FAILED: {why}", why=shown(c.problem)) if c.problem else tr("FAILED")
        verdict = tr("ok") if c.met else tr("known misfit") if c.misfit else why
        cells = [number(x) for x in (c.pinned, c.simulated, c.simulated - c.pinned, c.tolerance)]
        figure, reported = terms.named(c.figure), shown(c.reported)
        grid.add_row(tr(c.place), terms.reading(c.reading), figure, reported, *cells, verdict)
    out.print(grid)
    for misfit in study.misfits:
        out.print(shown(misfit))
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
    if c.kind == "target":
        return (
            f"{c.place}, {c.reading.replace('_', '-')}: {c.figure}: {c.simulated:.4g}, should be {c.pinned:.4g} "
            f"± {c.tolerance:.3g} (reported {c.reported})"
        )
    return (
        f"{c.place}, {c.reading.replace('_', '-')}: {c.figure} was {c.pinned:.5g} and is {c.simulated:.5g}; "
        f"the difference {c.simulated - c.pinned:+.3g} is beyond Monte Carlo error (tolerance {c.tolerance:.3g})"
    )


def github_lines(checks: Sequence[Check]) -> list[str]:
    """Failed checks as annotations of GitHub's workflow commands."""
    return [
        f"::error file={_escaped(f'scenarios/places/{c.place}.yaml', ':,')},title=calibration::"
        f"{_escaped(sentence(c))}"
        for c in checks
        if not c.passed
    ]


def _escaped(text: str, more: str = "") -> str:
    """A text as data of a workflow command: no line of it is a command, and in a property (`more`) none ends it."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{more}" else c for c in text)


def is_junit(path: Path) -> bool:
    """Whether a file is empty or what `junit` gave."""
    with path.open("rb") as file:
        head = file.read(200)
    return not head or b'<testsuites><testsuite name="calibration"' in head


def junit(checks: Sequence[Check]) -> bytes:
    """All checks as JUnit XML."""
    failed = str(sum(not c.passed for c in checks))
    suite = ET.Element("testsuite", name="calibration", tests=str(len(checks)), failures=failed, errors="0")
    for c in checks:
        case = ET.SubElement(suite, "testcase", classname=f"{c.place}.{c.reading}", name=str(c.figure))
        if not c.passed:
            ET.SubElement(case, "failure", message=sentence(c))
    root = ET.Element("testsuites")
    root.append(suite)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
