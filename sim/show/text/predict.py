"""What `predict` prints."""

from __future__ import annotations

from sim.language import marked, tr
from sim.show.report.held_out import in_words
from sim.show.text.console import console, table
from sim.studies.predict import Predicted

MECHANISM = 6  # the column of words, which may go on below


def print_predictions(study: Predicted) -> None:
    """A row per figure and reading, in words."""
    out = console()
    if study.rows:
        found = study.frame
        words = in_words(found)
        grid = table(tr("place"), *words.columns, right=(4, 5, 7))
        for at, column in enumerate(grid.columns):
            column.no_wrap = at != MECHANISM  # a name or a band in pieces says nothing
        for place, cells in zip(found["place"], words.itertuples(index=False, name=None), strict=True):
            grid.add_row(tr(str(place)), *cells)
        out.print(grid)
        verdicts = [row.verdict for row in study.rows]
        said = marked("Of {n} predictions {true} came true, {missed} missed, {neither} cannot test.")
        numbers = (verdicts.count(v) for v in ("covered", "missed", "cannot test"))
        out.print(tr(said, n=len(verdicts), **dict(zip(("true", "missed", "neither"), numbers, strict=True))))
    out.print(tr("cannot test: the place would have shown the figure without the mechanism, too."))
    out.print(tr("Nothing was fitted to these figures."))
