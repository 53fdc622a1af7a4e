"""What `explain` prints: a table of numbers, counts, sources, and what is assumed."""

from __future__ import annotations

import sys

from sim.language import marked, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.explain import Explanation

WIDE = 140
NOTHING = marked("  {mechanism}: no study found; searched for {searched}")


def print_explanation(study: Explanation) -> None:
    """Print the parameters, or the STRESS-DES sheet."""
    if study.stress:
        sys.stdout.write(study.sheet)
        return
    place, rows = study.place, study.rows
    out = console(width=200)
    columns = (
        *(tr("parameter"), tr("value"), tr("low"), tr("high"), tr("unit")),
        *(tr("status"), tr("source"), tr("note")),
    )
    shown = columns if out.width >= WIDE else columns[:6]  # never cut a number to make room for a note
    grid = table(*shown, right=(1, 2, 3))
    for row in study.shown:
        numbers = (number(x) for x in (row.value, row.low, row.high))
        cells = (row.path, *numbers, terms.unit(row.unit), tr(str(row.status)), row.source, tr(row.note))
        grid.add_row(*cells[: len(shown)])
    for column in grid.columns[: 4 if len(shown) < len(columns) else -1]:
        column.no_wrap = True
    out.print(grid)
    if len(shown) < len(columns):
        out.print(tr("Sources and notes are shown from {n} columns on, and in a file.", n=WIDE))
    out.print()
    each = tr(", ").join(tr("{n} {status}", n=n, status=tr(status)) for status, n in study.counts.items())
    out.print(tr("{n} parameters: {list}", n=len(rows), list=each))
    _studies(study)
    for mechanism, effects in study.effects.items():
        said = tr(", ").join(effects) or tr("none: it changes rules, people or hours")
        out.print(
            tr("Effect of {mechanism}, as a range: {list}", mechanism=terms.mechanism(mechanism), list=said)
        )
    out.print(tr("Sources:"))
    for key in sorted({row.source for row in rows} | {k for e in study.studies.values() for k in e.found}):
        source = place.sources.get(key)
        if source is not None:
            out.print(f"  {key}: {source.title}, {source.publisher or tr('n.p.')}, {source.date}")
    assumed = [row.path for row in rows if row.status == "assumed"]
    out.print(tr("Assumed, reported by nobody ({n}): {list}", n=len(assumed), list=", ".join(assumed)))


def _studies(study: Explanation) -> None:
    """What is known of the effects of the mechanisms in force."""
    if not study.studies:
        return
    out = console()
    out.print(tr("What studies found of effects:"))
    for name, evidence in study.studies.items():
        said = marked("  {mechanism}: {finding} ({studies})") if evidence.found else NOTHING
        facts = {
            "finding": tr(evidence.finding),
            "searched": tr(evidence.searched),
            "studies": ", ".join(evidence.found),
        }
        out.print(tr(said, mechanism=terms.mechanism(name), **facts))
