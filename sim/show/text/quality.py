"""What `quality` prints."""

from __future__ import annotations

import math

from sim.language import marked, shown, tr
from sim.ledger.quality import Finding
from sim.show.text.console import console, number, percent, table
from sim.show.text.fit import print_apart
from sim.studies.quality import Quality

TITLES = {
    "rows": marked("rows"),
    "missing": marked("empty cells"),
    "open": marked("open disputes"),
    "entry": marked("entry into the register"),
    "heaps": marked("heaps of dates"),
    "batches": marked("closing in batches"),
    "identities": marked("numbers that are all the same"),
    "committees": marked("committees"),
}
RARE = 0.001


def finding_cells(f: Finding) -> list[str]:
    """A finding as the cells of its row: name, value, share, of how many, by chance, note."""
    share = "" if math.isnan(f.share) else percent(f.share)
    chance = "" if math.isnan(f.p) else tr("hardly") if f.p < RARE else tr("possible")
    return [shown(f.name), number(f.value), share, str(f.n), chance, shown(f.note)]


def print_quality(study: Quality) -> None:
    """Findings by group, what was noticed, and how to read it."""
    out, ledger = console(), study.ledger
    window = {"start": ledger.start.date(), "end": ledger.end.date(), "file": ledger.file}
    print(tr("{file}: {n:,} disputes, {start} to before {end}", n=len(ledger.cases), **window))
    for group, title in TITLES.items():
        rows = [f for f in study.findings if f.group == group]
        if not rows:
            continue
        grid = table(
            tr(title), tr("value"), tr("share"), tr("of"), tr("by chance"), tr("note"), right=(1, 2, 3, 4)
        )
        for f in rows:
            grid.add_row(*finding_cells(f))
        print()
        out.print(grid)
    print()
    for notice in ledger.notices:
        lines = tr(" (lines {lines})", lines=", ".join(map(str, notice.lines))) if notice.lines else ""
        print(shown(notice.text) + lines)
    print_apart(ledger.apart)
    for c in study.committees:
        print(
            tr(
                "{name}: {settled} of {n} settled; others of its stage differ by more than chance",
                name=c.organisation,
                settled=c.settled,
                n=c.closed,
            )
        )
    print(tr("This is about how the register was written. It rates no village and no committee."))
