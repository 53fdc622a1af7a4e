"""`select`: the best of several policies, with a stated probability, or for a fixed budget of replications."""

from __future__ import annotations

import argparse
from typing import Any, Literal

import numpy as np

from sim.cli import OK
from sim.cli.machine import about_parameters, about_place, answer
from sim.cli.policies import CELLS
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, in_english, joined, marked, shown, tr
from sim.runs.case import Case
from sim.runs.impossible import nothing_left
from sim.runs.points import points_of
from sim.runs.search import Search, settled
from sim.scenario import terms
from sim.scenario.comparison import made
from sim.scenario.errors import UserError
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.show.text.console import console, number, table
from sim.statistics.selection import Allocation, Selection, Simulate, kn, ocba
from sim.studies.asked import TRUE, metric
from sim.studies.possible import sentences
from sim.studies.posteriors import draws_for, words
from sim.studies.select_words import refusal, what_is_promised
from sim.studies.study import working

AHEAD = 20  # replications run at once for what a race asks one batch at a time


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if len(args.policies) < 1:
        raise UserError(Message("select needs at least one policy beside the baseline, such as +whistle"))
    if (args.delta is None) == (args.budget is None):
        raise UserError(
            Message(
                "select takes --delta (the difference that matters) or --budget (replications), one of "
                "the two"
            )
        )
    objective = metric(args.objective, "--objective", TRUE)
    design = made([args.place], args.policies, name="select", sets=args.sets, baseline=args.baseline)
    draws = draws_for(args.place, design.cells[0].place, args.sets, args.posterior, args.reading)
    points, asked = points_of(draws), (("groups", False),)
    cases = {
        c.policy: Case(c.place, c.measures, args.seed, points=points, options=asked, policy=c.policy)
        for c in design.cells
    }
    columns = [Column(objective)]
    err, unit = console(error=True), terms.unit_of(objective)
    make_ready("compiled", design.cells[0].place, err)
    with working(args.workers, "serial" if args.workers == 1 else "processes", script=False) as work:
        search = Search(draws.count if draws else 0, design.cells[0].policy, work.executor, CELLS)

        def race() -> Selection | Allocation:
            names = [name for name in cases if name not in search.left_out]
            if len(names) < 2:
                worst = search.left_out[-1]
                raise nothing_left(worst, search.counts[worst], search.looked)

            def simulate(system: int, replications: range) -> np.ndarray:
                name, ahead = names[system], -(-replications.stop // AHEAD) * AHEAD
                search.values(cases[name], columns, range(ahead))
                found: np.ndarray = search.values(cases[name], columns, replications)[0]
                return found

            return _race(args, simulate, names)

        title, n = terms.short_title(design.cells[0].place.title), len(cases)
        head = marked("{place}: {n} policies by {metric} ({unit})")
        err.print(tr(head, place=title, n=n, metric=terms.metric(objective), unit=unit))
        try:
            found = settled(race)
        except STOPS as stop:
            return told(stop, CELLS)
        except ValueError as error:
            raise UserError(Message("select: {error}", error=error)) from None
    remarks = sentences(search.counts, search.left_out, search.looked)
    _print(found, objective, unit, search.simulated, draws)
    for said in remarks:
        console().print(shown(said))
    place = design.cells[0].place
    answer(
        args,
        {
            "place": about_place(place),
            "seed": args.seed,
            **about_parameters(place, draws),
            "objective": {"metric": objective, "unit": KNOWN_METRICS[objective].unit, "better": found.better},
            **_found(found),
            "impossible_draws": search.counts,
            "looked_at_draws": search.looked,
        },
        warnings=remarks,
    )
    return OK


def _found(found: Selection | Allocation) -> dict[str, Any]:
    """The choice for programs. A probability that is not guaranteed is an approximation; null: not known."""
    dropped = {d.system: found.systems[d.by] for d in getattr(found, "dropped", ())}
    if isinstance(found, Selection):
        probability = None if found.stopped else 1 - found.alpha
        promised = {"guaranteed": not found.stopped, "probability": probability, "delta": found.delta}
    else:
        promised = {"guaranteed": False, "probability": found.probability, "delta": None}
    return {
        "selected": found.name,
        **promised,
        "replications": found.total,
        "policies": [
            {
                "policy": name,
                "mean": found.means[i],
                "replications": found.replications[i],
                "selected": i == found.selected,
                "worse_than": dropped.get(i),
            }
            for i, name in enumerate(found.systems)
        ],
        "words": in_english(lambda: what_is_promised(found)),
    }


def _race(args: argparse.Namespace, simulate: Simulate, names: list[str]) -> Selection | Allocation:
    """Run the procedure that the options ask for."""
    better: Literal["lower", "higher"] = "higher" if args.higher else "lower"
    budget = args.budget if args.delta is None else None
    refused = refusal(len(names), budget=budget, most=args.most, batch=args.batch, alpha=args.alpha)
    if refused is not None:
        raise UserError(Message("select: {error}", error=refused))
    if args.delta is None:
        return ocba(simulate, names, budget=args.budget, better=better)
    return kn(
        simulate, names, delta=args.delta, alpha=args.alpha, better=better, batch=args.batch, most=args.most
    )


def _print(
    found: Selection | Allocation, objective: str, unit: str, simulated: int, draws: ParameterDraws | None
) -> None:
    out = console()
    mean = tr("mean {metric} ({unit})", metric=terms.metric(objective), unit=unit)
    grid = table(tr("policy"), mean, tr("replications"), "", right=(1, 2))
    out_at = {
        d.system: tr("left the race, worse than {policy}", policy=terms.policy(found.systems[d.by]))
        for d in getattr(found, "dropped", ())
    }
    for i, name in enumerate(found.systems):
        note = tr("selected") if i == found.selected else out_at.get(i, "")
        grid.add_row(terms.policy(name), number(found.means[i]), number(found.replications[i]), note)
    out.print(grid)
    out.print()
    out.print(what_is_promised(found))
    about = (
        tr("The probability is about luck, not about them.")
        if draws is None
        else tr("The probability is about the mean over them, with luck.")
    )
    out.print(joined(words(draws), about))
    out.print(tr("{n} replications were run now; the others were kept from before.", n=simulated))
