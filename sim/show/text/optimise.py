"""What `optimise` prints."""

from __future__ import annotations

from sim.language import joined, shown, tr
from sim.scenario import terms
from sim.show.text.console import console, number, table
from sim.studies.optimise import Optimised
from sim.studies.optimise.words import mix_in_words


def print_optimised(study: Optimised) -> None:
    """The front on fresh replications, and the answer in words."""
    out, problem = console(), study.found.problem
    objectives = [terms.metric(o) for o in problem.objectives]
    grid = table(tr("mix"), *objectives, right=tuple(range(1, 1 + len(objectives))))
    for point in study.found.fresh.points:
        grid.add_row(shown(mix_in_words(problem, point.mix)), *(number(m) for m in point.means))
    head = study.decided
    if head:
        out.print(joined(*head) + "\n")
    out.print(tr("The front, valued on fresh replications:"))
    out.print(grid)
    out.print()
    for said in (*study.sentences()[len(head) :], *study.messages()):
        out.print(shown(said))
