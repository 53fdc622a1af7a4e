"""What `calibrate --observed` prints."""

from __future__ import annotations

from sim.language import shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.observe import Observed


def print_observed(study: Observed) -> None:
    """The odds of the readings, and what each reading's draws became."""
    out = console()
    out.print()
    out.print(terms.title(study.place.title))
    for said in study.sentences():
        out.print(shown(said))
    out.print()
    grid = table(
        *(tr("reading"), tr("draws"), tr("effective draws"), tr("true success before, %"), tr("after, %")),
        right=(1, 2, 3, 4),
    )
    for row in study.table.to_dict("records"):
        cells = (number(float(row[name])) for name in ("draws", "ess", "true_before", "true_after"))
        grid.add_row(terms.reading(str(row["reading"])), *cells)
    out.print(grid)
    for said in study.messages():
        out.print(shown(said))
