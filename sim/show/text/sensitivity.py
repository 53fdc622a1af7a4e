"""What `sensitivity` prints."""

from __future__ import annotations

import math

from sim.language import joined, marked, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.panel import about, columns_in
from sim.studies.posteriors import words
from sim.studies.sensitivity import Sensitivity

SHOWN = 6


def print_sensitivity(study: Sensitivity) -> None:
    """What outcomes hang on, and the choice; parameters beside their ranges."""
    out = console()
    out.print()
    cell, design, objective = study.cell, study.design, study.objective
    moved, known, beside = study.moved, study.known, study.beside
    head = {"place": terms.title(cell.place.title), "draws": design.draws}
    out.print(tr("{place}: {draws} draws × {n}", **head, n=design.comparison.replications))
    ranges = tr("Parameters drawn from their prior ranges.")
    out.print(joined(*study.sentences()))
    out.print(shown(words(cell.posterior)) if cell.posterior else ranges)
    for column in columns_in(moved):
        part = about(moved, column)
        above = part[part["above"]]
        out.print()
        share = float(part["monte_carlo"].iloc[0])
        said = marked(
            "{outcome}: Monte Carlo error is {share:.0%} of the variance of one replication; "
            "{n} of {m} parameters are beyond chance (index above {limit:.2f})"
        )
        if math.isnan(share):
            said = marked(
                "{outcome}: {n} of {m} parameters are beyond chance (index above {limit:.2f}); "
                "how much is Monte Carlo error, one replication of each draw does not tell"
            )
        outcome, limit = terms.metric(column.metric, column.reading), part["limit"].iloc[0]
        out.print(tr(said, outcome=outcome, share=share, n=len(above), m=len(part), limit=limit))
        for _, row in above.head(SHOWN).iterrows():
            said = marked("  {name}: {x:.2f} ± {half:.2f} of the variance between draws")
            if math.isnan(row["half"]):
                said = marked("  {name}: {x:.2f} of the variance between draws; too rare for an interval")
            out.print(tr(said, name=row["parameter"], x=row["index"], half=row["half"]))
    if known is not None:
        above = known.frame[known.frame["above"]]
        out.print()
        out.print(
            tr(
                "Choosing by {metric} ({unit}): {best} is best on average. Knowing every parameter beforehand would be "
                "worth {x}; {n} parameters alone are worth more than chance would give ({floor}).",
                metric=terms.metric(objective),
                unit=terms.unit_of(objective),
                best=terms.policy(known.best),
                x=number(known.perfect),
                n=len(above),
                floor=number(known.frame["floor"].iloc[0]),
            )
        )
        for _, row in above.head(SHOWN).iterrows():
            out.print(f"  {row['parameter']}: {number(row['value'])}")
    if len(beside):
        grid = table(
            *(tr("what it hangs on"), tr("unit"), tr("status"), tr("prior 5–50–95 %"), tr("drawn 5–50–95 %")),
            right=(3, 4),
            title="\n",
        )
        for _, r in beside.iterrows():
            bands = [" – ".join(number(r[f"{p}{q}"]) for q in ("p05", "p50", "p95")) for p in ("prior_", "")]
            grid.add_row(r["parameter"], terms.unit(str(r["unit"])), tr(str(r["status"])), *bands)
        out.print(grid)
    for remark in study.messages():
        out.print(shown(remark))
