"""`diff`: compare two results."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.cli import OK
from sim.cli.machine import answer
from sim.language import tr
from sim.scenario import terms
from sim.scenario.metrics import KNOWN_METRICS
from sim.show.text.console import console, number, table
from sim.show.text.run import interval_text
from sim.studies.difference import difference, paired
from sim.studies.results import Result, read_result


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    a, b = read_result(Path(args.a)), read_result(Path(args.b))
    out = console()
    out.print(f"A: {args.a}   B: {args.b}")
    before, after = ({**r.manifest["scenario"], "measures": r.manifest.get("measures")} for r in (a, b))
    changes = list(changed(before, after))
    if args.json:
        answer(args, _found(args, a, b, changes))
        return OK
    if a.manifest["trace_digest"] == b.manifest["trace_digest"]:
        out.print(tr("The traces are identical."))
        return OK
    out.print(tr("{n} value(s) of the scenario differ:", n=len(changes)))
    for path, one, two in changes[:40]:
        out.print(f"  {path}: {one} → {two}")
    if len(changes) > 40:
        out.print(tr("  … and {n} more", n=len(changes) - 40))
    pairs = paired(a, b)
    how = (
        tr("paired by replication (same seed, same disputes)") if pairs else tr("independent samples (Welch)")
    )
    out.print(tr("Differences B − A, {how}; 95 % intervals, one metric at a time.", how=how) + "\n")
    frame = difference(a, b)
    columns = (tr("metric"), tr("tier"), tr("kind"), "A", "B", "B − A", tr("95 % interval"), "")
    grid = table(*columns, right=(3, 4, 5, 6))
    hidden = 0
    for _, row in frame.iterrows():
        shown = row["low"] > 0 or row["high"] < 0
        if not shown and not args.all:
            hidden += 1
            continue
        grid.add_row(
            terms.metric(row["metric"]),
            terms.told(row["tier"]),
            tr(row["kind"]),
            *(number(row[c]) for c in ("a", "b", "difference")),
            interval_text(row["low"], row["high"]),
            "" if shown else tr("no difference shown"),
        )
    out.print(grid)
    if hidden:
        out.print("\n" + tr("{n} more metrics show no difference (--all prints them).", n=hidden))
    return OK


def _found(
    args: argparse.Namespace, a: Result, b: Result, changes: list[tuple[str, str, str]]
) -> dict[str, Any]:
    """The differences for programs, every metric among them."""
    frame = difference(a, b)
    frame["unit"] = [KNOWN_METRICS[m].unit if m in KNOWN_METRICS else "" for m in frame["metric"]]
    frame["shown"] = (frame["low"] > 0) | (frame["high"] < 0)
    return {
        "a": args.a,
        "b": args.b,
        "identical": a.manifest["trace_digest"] == b.manifest["trace_digest"],
        "paired": paired(a, b),
        "scenario": [dict(zip(("path", "a", "b"), change, strict=True)) for change in changes],
        "differences": frame,
    }


def changed(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Leaves in which two resolved scenarios differ."""
    if isinstance(a, dict) and isinstance(b, dict) and not ("unit" in a and "unit" in b):
        for key in [*a, *(k for k in b if k not in a)]:
            yield from changed(a.get(key), b.get(key), f"{path}.{key}" if path else str(key))
    elif a != b:
        yield path, _short(a), _short(b)


def _short(x: Any) -> str:
    if isinstance(x, dict) and "value" in x:
        return f"{x['value']} {x['unit']}"
    text = json.dumps(x, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
