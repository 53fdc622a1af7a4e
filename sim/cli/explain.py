"""`explain`: every parameter of a place with value, unit, range, status and source."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sim.cli import OK
from sim.cli.machine import about_place, answer
from sim.language import tr
from sim.scenario import terms
from sim.scenario.explain import Row, explain, explain_measures
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure
from sim.show.text.console import console, number, table

WIDE = 140


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    place = load_place(args.place, args.sets)
    if args.stress:
        from sim.show.report.stress import stress_sheet

        sheet = stress_sheet(place)
        sys.stdout.write(sheet)
        answer(args, {"place": about_place(place), "stress_des": sheet})
        return OK
    measures = parse(args.policy, place)
    rows = [*explain(place), *explain_measures(measures)]
    if args.json:
        answer(args, _found(args, place, measures, rows))
        return OK
    out = console(width=200)
    columns = (
        *(tr("parameter"), tr("value"), tr("low"), tr("high"), tr("unit")),
        *(tr("status"), tr("source"), tr("note")),
    )
    shown = columns if out.width >= WIDE else columns[:6]  # never cut a number to make room for a note
    grid = table(*shown, right=(1, 2, 3))
    for row in rows:
        if args.only and row.status != args.only:
            continue
        numbers = (number(x) for x in (row.value, row.low, row.high))
        cells = (row.path, *numbers, terms.unit(row.unit), tr(str(row.status)), row.source, row.note)
        grid.add_row(*cells[: len(shown)])
    for column in grid.columns[: 4 if len(shown) < len(columns) else -1]:
        column.no_wrap = True
    out.print(grid)
    if len(shown) < len(columns):
        out.print(tr("Sources and notes are shown from {n} columns on, and in a file.", n=WIDE))
    out.print()
    counts = Counter(str(row.status) for row in rows)
    each = tr(", ").join(tr("{n} {status}", n=n, status=tr(status)) for status, n in counts.most_common())
    out.print(tr("{n} parameters: {list}", n=len(rows), list=each))
    out.print(tr("Sources:"))
    for key in sorted({row.source for row in rows}):
        source = place.sources.get(key)
        if source is not None:
            out.print(f"  {key}: {source.title}, {source.publisher or tr('n.p.')}, {source.date}")
    assumed = [row.path for row in rows if row.status == "assumed"]
    out.print(tr("Assumed, reported by nobody ({n}): {list}", n=len(assumed), list=", ".join(assumed)))
    return OK


def _found(
    args: argparse.Namespace, place: Place, measures: Sequence[Measure], rows: Sequence[Row]
) -> dict[str, Any]:
    """The parameters for programs; `counts` are of all of them, whatever --only leaves out."""
    used = sorted({row.source for row in rows} & place.sources.keys())
    return {
        "place": about_place(place),
        "policy": args.policy,
        "mechanisms": [m.mechanism for m in measures],
        "parameters": [row for row in rows if args.only in (None, row.status)],
        "counts": dict(Counter(str(row.status) for row in rows)),
        "sources": {key: place.sources[key] for key in used},
    }
