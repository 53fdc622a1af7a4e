"""`python -m benchmarks`: measure, print, and write RESULTS.md, results.json and results.png."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.measure import DISAGREES, Row

# Imported when they are run: worker processes import this file again, and should not wait for figures.
MEASURES = {
    "a": "full_model.measure",
    "b": "plain_network.measure",
    "c": "commands.nation",
    "d": "scaling.sizes",
    "e": "commands.start",
    "f": "scaling.workers",
    "g": "growth.measure",
}


def measured(part: str, quick: bool) -> Iterator[Row]:
    """The rows of a part, as they come."""
    module, _, function = MEASURES[part].partition(".")
    rows: Iterator[Row] = getattr(import_module(f"benchmarks.{module}"), function)(quick)
    return rows


def main(argv: list[str] | None = None) -> int:
    """Run the parts asked for; 1 if mean sojourns of a tool disagree with theory, else 0, whatever the speeds."""
    from benchmarks import plot, table

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = "; ".join(f"{part} {title.lower()}" for part, title in table.PARTS.items())
    parser.add_argument("--only", default=",".join(MEASURES), metavar="a,b", help=f"parts: {what}")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: whether it works, not how fast it is"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for the results (default: benchmarks/ for a full run, else only printed)",
    )
    args = parser.parse_args(argv)
    parts = [part.strip() for part in args.only.split(",") if part.strip()]
    unknown = [part for part in parts if part not in MEASURES]
    if unknown or not parts:
        parser.error(
            f"--only: there is no part {', '.join(unknown) or 'named'}; there are {', '.join(MEASURES)}"
        )
    out = args.out or (None if args.quick or set(parts) != set(MEASURES) else Path(__file__).parent)
    before: float | None = table.load()
    rows: list[Row] = []
    for part in parts:
        begun = time.perf_counter()
        print(f"({part}) {table.PARTS[part]}", flush=True)
        for row in measured(part, args.quick):
            rows.append(row)
            note = f"  [{row.note}]" if row.note else ""
            print(f"  {row.name}: {table.shown(row.value)} {row.unit} {table.verdict(row)}{note}", flush=True)
        print(f"  took {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        if out is not None:  # after every part: a long run that is stopped has not been for nothing
            out.mkdir(parents=True, exist_ok=True)
            day = datetime.now(UTC).date().isoformat()
            text = table.report(rows, quick=args.quick, loads=(before, table.load()), day=day)
            (out / "RESULTS.md").write_text(text, encoding="utf-8")
            plain = json.dumps([row.plain() for row in rows], indent=1, ensure_ascii=False)
            (out / "results.json").write_text(plain + "\n", encoding="utf-8")
            plot.save(rows, out / "results.png")
    return 1 if any(DISAGREES in row.note for row in rows) else 0


if __name__ == "__main__":
    raise SystemExit(main())
