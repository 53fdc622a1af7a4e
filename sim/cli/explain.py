"""`explain`: every parameter of a place with value, unit, range, status and source."""

from __future__ import annotations

import argparse
from collections import Counter

from sim.cli import OK
from sim.cli.console import console, number, table
from sim.scenario.explain import explain
from sim.scenario.load import load_place


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    place = load_place(args.place, args.sets)
    rows = explain(place)
    out = console()
    grid = table("parameter", "value", "low", "high", "unit", "status", "source", "note", right=(1, 2, 3))
    for row in rows:
        if args.only and row.status != args.only:
            continue
        grid.add_row(
            row.path,
            number(row.value),
            number(row.low),
            number(row.high),
            row.unit,
            str(row.status),
            row.source,
            row.note,
        )
    out.print(grid)
    out.print()
    counts = Counter(str(row.status) for row in rows)
    out.print(f"{len(rows)} parameters: " + ", ".join(f"{n} {status}" for status, n in counts.most_common()))
    out.print("Sources:")
    for key in sorted({row.source for row in rows}):
        source = place.sources.get(key)
        if source is not None:
            out.print(f"  {key}: {source.title}, {source.publisher or 'n.p.'}, {source.date}")
    assumed = [row.path for row in rows if row.status == "assumed"]
    out.print(f"Assumed, reported by nobody ({len(assumed)}): {', '.join(assumed)}")
    return OK
