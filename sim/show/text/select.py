"""What `select` prints."""

from __future__ import annotations

from sim.language import joined, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.select import Selected
from sim.studies.select.decided import decided


def print_selection(study: Selected) -> None:
    """Every policy with its mean, what is promised of the selected one, and what was left out."""
    out, objective = console(), study.objective
    head = decided(study.found, objective, drawn=study.draws is not None)
    out.print(joined(*head) + "\n")
    mean = tr("mean {metric} ({unit})", metric=terms.metric(objective), unit=terms.unit_of(objective))
    grid = table(tr("policy"), mean, tr("replications"), "", right=(1, 2))
    for row in study.policies.to_dict("records"):
        note = ""
        if row["selected"]:
            note = tr("selected")
        elif row["worse_than"] is not None:
            note = tr("left the race, worse than {policy}", policy=terms.policy(row["worse_than"]))
        grid.add_row(terms.policy(row["policy"]), number(row["mean"]), number(row["replications"]), note)
    out.print(grid)
    out.print()
    for said in study.sentences()[len(head) :]:
        out.print(shown(said))
    out.print(tr("{n} replications were run now; the others were kept from before.", n=study.simulated))
    for said in study.messages():
        out.print(shown(said))
