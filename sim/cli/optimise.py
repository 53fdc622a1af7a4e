"""`optimise`: the best mixes of mechanisms and staff under a budget."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from sim.cli import OK
from sim.cli.machine import FOR_PROGRAMS, about_parameters, about_place
from sim.cli.machine import answer as tell
from sim.cli.policies import CELLS, folder_for
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, in_english, joined, marked, shown, tr
from sim.runs.fingerprint import code_digest
from sim.runs.search import Search, settled
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.prices import load_prices
from sim.show.text.console import console, number, table
from sim.statistics.pareto import Budget, Method, SearchUnavailable
from sim.studies.asked import TRUE, metrics
from sim.studies.mixes import choices, problem_of
from sim.studies.optimise import Answer, best_mixes, front_table
from sim.studies.optimise.words import answer_in_words, mix_in_words
from sim.studies.possible import summary
from sim.studies.posteriors import draws_for, words
from sim.studies.results import begin, finish
from sim.studies.study import working

PRICED = marked("Where costs are in yuan, prices are assumed.")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.yuan is None and args.hours is None:
        raise UserError(Message("optimise needs a budget: --yuan 2000000, or --hours 5000, or both"))
    objectives = metrics(args.objectives, "--objectives", TRUE)
    place = load_place(args.place)
    there = parse(args.baseline, place)
    options = choices(place, there, args.choices)
    draws = draws_for(args.place, place, [], args.posterior, args.reading)
    prices, budget = load_prices(args.prices), Budget(args.yuan, args.hours)
    err = console(error=True)
    make_ready("compiled", place, err)
    with working(args.workers, "serial" if args.workers == 1 else "processes", script=False) as work:
        search = Search(draws.count if draws else 0, args.baseline, work.executor, CELLS)

        def attempt() -> Answer:
            return best_mixes(
                problem_of(place, there, options, budget, objectives, prices, search, args.seed, draws),
                replications=range(args.replications),
                fresh=range(args.replications, args.replications + args.fresh),
                evaluations=args.evaluations,
                seed=args.seed,
            )

        err.print(
            tr(
                "{place}: {choices} choices, at most {mixes} mixes of {n} replications, then {fresh} fresh ones",
                place=terms.title(place.title),
                choices=len(options),
                mixes=args.evaluations,
                n=args.replications,
                fresh=args.fresh,
            )
        )
        try:
            answer = settled(attempt)
        except STOPS as stop:
            return told(stop, CELLS)
        except SearchUnavailable:
            raise UserError(
                Message(
                    "searching among more mixes than there are evaluations needs pymoo, which is an extra: "
                    "pip install 'village-disputes[optimise]'. With at least as many evaluations as mixes that can be "
                    "paid all of them are tried, and nothing has to be installed."
                )
            ) from None
    given = {
        k: v
        for k, v in vars(args).items()
        if k not in ("out", "overwrite", "workers", "no_figures", "module", *FOR_PROGRAMS)
    }
    folder, key = folder_for(
        args,
        f"optimise-{place.name}",
        [given, place.model_dump(mode="json"), draws.key if draws else None, code_digest()],
    )
    _write(answer, folder, key, args, place, draws is not None)
    _print(answer)
    console().print(joined(words(draws), tr(PRICED)))
    remarks = summary(len(answer.front.samples.refused), len(search.gone), search.draws)
    for said in remarks:
        console().print(shown(said))
    err.print(tr("results in {folder}", folder=f"{folder}/"))
    about = {"place": about_place(place), "seed": args.seed, **about_parameters(place, draws)}
    impossible = {"impossible_draws": len(search.gone), "refused": len(answer.front.samples.refused)}
    tell(args, {**about, **_found(answer, args), **impossible}, warnings=[PRICED, *remarks], written=[folder])
    return OK


def _found(answer: Answer, args: argparse.Namespace) -> dict[str, Any]:
    """The front for programs: valued on fresh replications, and as the search saw it."""
    problem = answer.problem
    units = {m: KNOWN_METRICS[m].unit for m in problem.simulated}
    return {
        "baseline": args.baseline,
        "budget": {"yuan": args.yuan, "staff_hours": args.hours},
        "objectives": [{"name": o, "unit": units.get(o, f"{o} per year")} for o in problem.objectives],
        "choices": [{"name": v.name, "low": v.low, "high": v.high} for v in problem.variables],
        "replications": {"search": args.replications, "fresh": args.fresh},
        "tried": answer.front.tried,
        "all_tried": answer.front.method is Method.ALL,
        "fresh": fresh_table(answer),
        "front": front_table(answer.front),
        "words": in_english(lambda: answer_in_words(answer)).splitlines(),
    }


def _write(
    answer: Answer, folder: Path, key: str, args: argparse.Namespace, place: Place, calibrated: bool
) -> None:
    begin(folder, key)
    front = front_table(answer.front)
    write_atomically(folder / "front.csv", front.to_csv(index=False, lineterminator="\n").encode())
    fresh = fresh_table(answer)
    write_atomically(folder / "fresh.csv", fresh.to_csv(index=False, lineterminator="\n").encode())
    write_atomically(folder / "answer.txt", (answer_in_words(answer) + "\n").encode())
    if not args.no_figures:
        from sim.show.figures.page import Compared
        from sim.show.figures.pareto import save_pareto

        run = tr(
            "{n} replications for the search, {fresh} fresh ones.", n=args.replications, fresh=args.fresh
        )
        source = joined(run, tr("Calibrated.") if calibrated else tr("Uncalibrated."))
        shown = Compared(place, source)
        save_pareto(answer, folder / "figures", shown=shown, what=tr("mixes under a budget"))
    asked = {k: v for k, v in vars(args).items() if k not in ("module", "command", *FOR_PROGRAMS)}
    finish(folder, {"command": "optimise", "key": key, "asked": json.loads(json.dumps(asked))})


def fresh_table(answer: Answer) -> pd.DataFrame:
    """The front on fresh replications, a row per mix: choices, cost, means and standard errors."""
    problem = answer.problem
    rows = []
    for point in answer.fresh.points:
        row: dict[str, float] = {v.name: n for v, n in zip(problem.variables, point.mix, strict=True)}
        for name, mean, error in zip(problem.objectives, point.means, point.errors, strict=True):
            row[name] = mean
            if name in problem.simulated:
                row[f"{name}_se"] = error
        rows.append(row)
    return pd.DataFrame(rows)


def _print(answer: Answer) -> None:
    out, problem = console(), answer.problem
    objectives = [terms.metric(o) for o in problem.objectives]
    grid = table(tr("mix"), *objectives, right=tuple(range(1, 1 + len(objectives))))
    for point in answer.fresh.points:
        grid.add_row(mix_in_words(problem, point.mix), *(number(m) for m in point.means))
    out.print(tr("The front, valued on fresh replications:"))
    out.print(grid)
    out.print()
    out.print(answer_in_words(answer))
