"""`run`: simulate a place and write a result folder."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sim.cli import OK
from sim.cli.errors import keeping
from sim.cli.machine import answer
from sim.cli.run_answer import Ran, cost_found, place_found, place_warnings, tell
from sim.cli.running import STOPS, facts, make_ready, told
from sim.engines.choose import choose_engine
from sim.language import Message, marked, shown, tr
from sim.model import build
from sim.runs.batch import Batch
from sim.runs.estimate import estimate, expected_disputes, refuse_too_large
from sim.runs.executors.choose import executor_by_name
from sim.runs.executors.local import Executor
from sim.runs.outcomes import Outcomes
from sim.runs.place_run import PlaceRun
from sim.runs.precision import until_precise
from sim.scenario import terms
from sim.scenario.comparison import is_comparison
from sim.scenario.errors import UserError
from sim.scenario.experiment import is_experiment
from sim.scenario.load import load_place
from sim.scenario.metrics import KNOWN_METRICS, PRECISE, Column
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.show.text.console import console, duration, number, progress, size
from sim.show.text.run import print_result
from sim.studies.posteriors import PER_DRAW, draws_for
from sim.studies.results import claim, free_folder, write_result

REPLICATIONS = 100


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if is_comparison(args.place):
        return _comparison(args)
    if is_experiment(args.place):
        from sim.cli import nation

        with contextlib.closing(chosen_executor(args)) as executor:
            return nation.run(args, executor)
    if args.counties:
        raise UserError(Message("--counties is for experiments; a place has none"))
    place = load_place(args.place, args.sets)
    with contextlib.closing(chosen_executor(args)) as executor:
        return _run(args, place, executor)


def _comparison(args: argparse.Namespace) -> int:
    """An experiment that compares."""
    from sim.cli.perform import perform
    from sim.show.text.compare import print_comparison
    from sim.studies.compare import plan

    for option in ("counties", "precision", "metrics", "policy", "dry_run"):
        if getattr(args, option, None):
            raise UserError(
                Message("--{x} is not for an experiment that compares", x=option.replace("_", "-"))
            )
    asked = plan(
        args.place,
        sets=args.sets,
        replications=args.replications,
        posterior=args.posterior,
        reading=args.reading,
    )
    return perform(args, asked, print_comparison)


def _run(args: argparse.Namespace, place: Place, executor: Executor) -> int:
    measures = None if args.policy is None else parse(args.policy, place)
    model = build(place, measures)
    replications = args.replications or REPLICATIONS
    most = args.max_replications if args.precision else replications
    engine = choose_engine(args.engine, expected_disputes(model) * most)
    draws = draws_for(args.place, place, args.sets, args.posterior, args.reading)
    job = PlaceRun(place, args.seed, engine, measures, draws, 1 if args.precision else PER_DRAW)
    if args.dry_run:
        return _dry_run(args, job, replications, executor)
    refuse_too_large(model, engine, most, 0 if args.scheduler else executor.workers)
    job = job.possible(args.policy, args.sets, most)
    out = free_folder(
        Path(args.out or Path("results") / place.name),
        job.key,
        named_by_user=bool(args.out),
        overwrite=args.overwrite,
    )
    metrics = _metrics(args)
    ran = execute(
        job,
        out,
        executor,
        replications,
        args.precision,
        metrics,
        most,
        asked=args.engine,
        figures=not args.no_figures,
        show_all=args.all,
    )
    return tell(args, ran)


def execute(
    job: PlaceRun,
    out: Path,
    executor: Executor,
    replications: int,
    precision: float | None = None,
    metrics: tuple[str, ...] = PRECISE,
    maximum: int = 1000,
    *,
    asked: str = "auto",
    figures: bool = True,
    show_all: bool = False,
) -> Ran:
    """Replicate, write the folder, print the table."""
    err = console(error=True)
    engine = {"reference": tr("SimPy reference engine"), "compiled": tr("compiled engine")}[job.engine]
    place = terms.title(job.place.title)
    err.print(
        tr(
            "{place}: seed {seed}, {engine}, {workers} worker(s)",
            place=place,
            seed=job.seed,
            engine=engine,
            workers=executor.workers,
        )
    )
    make_ready(job.engine, job.place, err)
    claim(out, job)
    chunks = out / "chunks"
    started, begun = time.perf_counter(), datetime.now(UTC)
    remarks: list[Message] = []
    try:
        with keeping(out), progress(tr("replications")) as report:
            if precision is None:
                batch = Batch([job.case], [job.pairs(replications)], chunks)
                batch.complete(executor=executor, progress=report)
            else:
                found = until_precise(
                    job,
                    {name: Column(name, KNOWN_METRICS[name].layer) for name in metrics},
                    precision,
                    executor=executor,
                    maximum=maximum,
                    start=min(maximum, max(2, replications)),
                    folder=chunks,
                    progress=report,
                )
                replications = found.replications
                batch = Batch([job.case], [job.pairs(replications)], chunks)
                remarks.append(found.words)
                err.print(shown(remarks[-1]))
    except STOPS as stop:
        return Ran(told(stop, out))
    seconds = time.perf_counter() - started
    run_facts = facts(job.engine, executor, begun, seconds)
    draw = _figures if figures else None
    with keeping(out):
        result = write_result(out, job, replications, batch, run_facts, asked, draw=draw)
        print_result(result, show_all=show_all)
        sys.stdout.flush()
    err.print(
        tr(
            "{n} replications in {time}; results in {folder}",
            n=replications,
            time=duration(seconds),
            folder=f"{out}{os.sep}",
        )
    )
    return Ran(OK, place_found(result), (*remarks, *place_warnings(result)), out)


def _figures(numbers: Outcomes, job: PlaceRun, folder: Path) -> None:
    from sim.show.figures.save import save_figures

    save_figures(numbers, job.place, folder, seed=job.seed, calibrated=job.posterior is not None)


def _metrics(args: argparse.Namespace) -> tuple[str, ...]:
    if not args.metrics:
        return PRECISE
    import difflib

    names = tuple(name.strip() for name in args.metrics.split(",") if name.strip())
    if not names:
        raise UserError(Message("--metrics names no metric. See: run_sim.py list metrics"))
    for name in names:
        metric = KNOWN_METRICS.get(name)
        if metric is None:
            near = difflib.get_close_matches(name, KNOWN_METRICS, 1)
            hint = Message(" Did you mean '{near}'?", near=near[0]) if near else ""
            raise UserError(
                Message(
                    "--metrics: there is no metric '{name}'.{hint} See: run_sim.py list metrics",
                    name=name,
                    hint=hint,
                )
            )
    return names


def chosen_executor(args: argparse.Namespace) -> Executor:
    """The executor that the options name."""
    try:
        return executor_by_name(args.executor, args.workers, args.scheduler)
    except ValueError as error:
        raise UserError(Message("--executor: {error}", error=error)) from None


def _dry_run(args: argparse.Namespace, job: PlaceRun, replications: int, executor: Executor) -> int:
    model = build(job.place, job.measures)
    try:
        cost = estimate(model, job.engine, replications, executor.workers)
    except OverflowError as error:
        raise UserError(Message("{error}; take a smaller place", error=error)) from None
    answer(args, cost_found(job, cost, replications, executor.workers))
    out = console()
    place, workers = terms.short_title(job.place.title), executor.workers
    disputes, rows = number(round(cost.disputes)), number(round(cost.rows))
    time, memory = duration(cost.seconds), size(cost.memory)
    head = marked("{place}: {n} replications on the {engine} engine, nothing is run")
    out.print(tr(head, place=place, n=replications, engine=tr(job.engine)))
    out.print(tr("  disputes      {n} expected per replication, with warm-up", n=disputes))
    out.print(tr("  trace rows    about {n} per replication", n=rows))
    out.print(tr("  time          about {time} on {n} worker(s), start-up apart", time=time, n=workers))
    out.print(tr("  memory        about {size} in all processes", size=memory))
    return OK
