"""What `audit` prints."""

from __future__ import annotations

import math

from sim.language import shown, tr
from sim.scenario import terms
from sim.scenario.metrics import READINGS
from sim.show.text.console import between, console, number, percent, table
from sim.studies.audit import Audit
from sim.studies.posteriors import words


def print_audit(study: Audit) -> None:
    """What parties would say under each reading, how many to ring, and what was heard."""
    out, cell = console(), study.design.cells[0]
    out.print()
    out.print(terms.title(cell.place.title))
    for said in study.sentences():
        out.print(shown(said))
    out.print()
    grid = table(
        *(tr("odds"), tr("with a probability of"), tr("files to ring"), tr("yuan")),
        *(tr("reached, {reading}", reading=terms.reading(r)) for r in READINGS),
        right=(0, 1, 2, 3, 4, 5),
        title=tr("How many files tell the readings apart"),
    )
    for row in study.needed.to_dict("records"):
        files = (
            tr("more than {n}", n=row["looked_up_to"]) if math.isnan(row["files"]) else number(row["files"])
        )
        reached = [percent(row[f"reached_{reading}"]) for reading in READINGS]
        ratio = tr("{n} to 1", n=f"{row['odds']:g}")
        grid.add_row(ratio, percent(row["probability"]), files, number(row["yuan"]), *reached)
    out.print(grid)
    out.print(tr("Reached: the probability with as many files as were looked at, up to {n}.", n=study.most))
    if study.observed is not None:
        out.print()
        grid = table(
            *(tr("policy"), tr("metric"), tr("before"), tr("90 %"), tr("after"), tr("90 %")),
            right=(2, 3, 4, 5),
        )
        for row in study.updated.to_dict("records"):
            cells = []
            for when in ("before", "after"):
                cells.append(number(row[f"{when}_median"]))
                cells.append(between(number(row[f"{when}_low"]), number(row[f"{when}_high"])))
            unit = terms.unit(row["unit"], row["metric"])
            name = tr("{metric} ({unit})", metric=terms.metric(row["metric"]), unit=unit)
            policy = terms.policy(row["policy"] or study.place.labels[0])
            grid.add_row(policy, name, *cells)
        out.print(grid)
    ranges = tr("Parameters drawn from their prior ranges.")
    out.print(shown(words(cell.posterior)) if cell.posterior else ranges)
    for said in study.messages():
        out.print(shown(said))
