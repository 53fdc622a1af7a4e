"""What `diff` prints."""

from __future__ import annotations

from sim.language import shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.show.text.run import interval_text
from sim.studies.diff import Diff


def print_diff(study: Diff, *, show_all: bool = False) -> None:
    """What differs; `show_all` prints metrics that do not, too."""
    out = console()
    out.print(f"A: {study.names[0]}   B: {study.names[1]}")
    if study.identical:
        out.print(tr("The traces are identical."))
        return
    out.print(tr("{n} value(s) of the scenario differ:", n=len(study.changes)))
    for path, one, two in study.changes[:40]:
        out.print(f"  {path}: {shown(one)} → {shown(two)}")
    if len(study.changes) > 40:
        out.print(tr("  … and {n} more", n=len(study.changes) - 40))

    how = (
        tr("paired by replication (same seed, same disputes)")
        if study.paired
        else tr("independent samples (Welch)")
    )
    out.print(tr("Differences B − A, {how}; 95 % intervals, one metric at a time.", how=how) + "\n")
    frame = study.differences
    columns = (tr("metric"), tr("by"), tr("group"), "A", "B", "B − A", tr("95 % interval"), "")
    grid = table(*columns, right=(3, 4, 5, 6))
    hidden = 0
    for _, row in frame.iterrows():
        clear = bool(row["shown"])
        if not clear and not show_all:
            hidden += 1
            continue
        grid.add_row(
            terms.metric(row["metric"], row["reading"]),
            tr(row["by"]),
            terms.staff(row["group"]) if row["by"] == "staff" else terms.named(row["group"]),
            *(number(row[c]) for c in ("a", "b", "difference")),
            interval_text(row["low"], row["high"]),
            "" if clear else tr("no difference shown"),
        )
    out.print(grid)
    if hidden:
        out.print("\n" + tr("{n} more metrics show no difference (--all prints them).", n=hidden))
