"""`run` of an experiment: a nation of counties, county by county, in one resumable job."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import OK
from sim.cli.errors import keeping
from sim.cli.machine import answer
from sim.cli.run_answer import Ran, nation_found, tell
from sim.cli.running import STOPS, facts, make_ready, told
from sim.engines.choose import choose_engine
from sim.language import Message, marked, tr
from sim.model import build
from sim.runs.batch import run as run_cases
from sim.runs.estimate import expected_disputes, refuse_too_large
from sim.runs.executors.local import Executor
from sim.runs.nation import Counties, NationRun, counties_of, county_place, draw_counties
from sim.runs.readouts.county import DISPUTES, ROWS
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.experiment import Nation, load_experiment
from sim.scenario.metrics import MAIN
from sim.show.text.console import between, console, duration, number, progress, size, table
from sim.studies.national import CountyOutcomes, NationResult, write_nation
from sim.studies.results import claim, free_folder

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 16  # counties that are stored together, and that an interruption may cost each worker
NOT_FOR_NATIONS = ("precision", "metrics", "policy")
# Measured on one core of a small server (docs/nation.md): counties differ in size, so costs go by disputes.
SECONDS_PER_DISPUTE = {"compiled": 4.5e-6, "reference": 4.0e-4}
COUNTIES_PER_REPLICATION = 2  # whose outcomes take as much memory as those of one replication of a place
PROCESS_BYTES, DISPUTE_BYTES = 250e6, 2500.0


def run(args: argparse.Namespace, executor: Executor) -> int:
    """Run the command."""
    for option in NOT_FOR_NATIONS:
        if getattr(args, option):
            raise UserError(
                Message(
                    "--{option} is for places; an experiment runs every county --replications times",
                    option=option,
                )
            )
    nation = load_experiment(args.place, args.sets)
    total = int(nation.experiment.totals.counties)
    counties = min(args.counties or total, total)
    replications = args.replications or 1
    engine = choose_engine(args.engine, expected(nation) * counties / total * replications)
    job = NationRun(nation, args.seed, engine)
    if args.dry_run:
        return _dry_run(args, job, counties, replications, executor)
    refuse_too_large_nation(job, counties, replications, 0 if args.scheduler else executor.workers)
    default = Path("results") / nation.experiment.name
    out = free_folder(
        Path(args.out or default), job.key, named_by_user=bool(args.out), overwrite=args.overwrite
    )
    ran = execute(
        job,
        out,
        executor,
        counties,
        replications,
        asked=args.engine,
        figures=not args.no_figures,
        show_all=args.all,
    )
    return tell(args, ran)


def refuse_too_large_nation(job: NationRun, counties: int, replications: int, workers: int) -> None:
    """Raise `TooLarge` if the largest county on every worker, and the outcomes of all, do not fit into memory."""
    drawn = draw_counties(job.nation, job.seed)
    largest = build(county_place(job.nation, drawn, int(drawn.persons[:counties].argmax())))
    rows = 1 + counties * replications // COUNTIES_PER_REPLICATION
    refuse_too_large(largest, job.engine, rows, workers)


def expected(nation: Nation) -> float:
    """Expected grievances of the whole nation in one replication, warm-up included."""
    persons = float(nation.experiment.totals.persons) / float(nation.county.population.persons)
    return expected_disputes(build(nation.county)) * persons


def execute(
    job: NationRun,
    out: Path,
    executor: Executor,
    counties: int,
    replications: int,
    *,
    asked: str = "auto",
    figures: bool = True,
    show_all: bool = False,
) -> Ran:
    """Run the first `counties` counties, write the folder, print the tables."""
    err, title = console(error=True), job.nation.experiment.title
    total = int(job.nation.experiment.totals.counties)
    err.print(
        tr(
            "{title}: {n:,} of {total:,} counties, seed {seed}, {engine} engine, {workers} worker(s)",
            title=terms.title(title),
            n=counties,
            total=total,
            seed=job.seed,
            engine=tr(job.engine),
            workers=executor.workers,
        )
    )
    make_ready(job.engine, job.place, err)
    claim(out, job)
    wanted = counties_of(counties, replications)
    started, begun = time.perf_counter(), datetime.now(UTC)
    try:
        with keeping(out), progress(tr("counties")) as report:
            outcomes = run_cases(
                [job.case], wanted, executor=executor, folder=out / "chunks", chunk=CHUNK, progress=report
            )
    except STOPS as stop:
        return Ran(told(stop, out, "counties"))
    seconds = time.perf_counter() - started
    drawn = draw_counties(job.nation, job.seed)
    found = CountyOutcomes.of(outcomes, drawn)
    disputes = int(found.whole(DISPUTES).sum())
    counted = {"disputes": disputes, "trace_rows": int(found.whole(ROWS).sum())}
    run_facts = facts(job.engine, executor, begun, seconds) | counted
    draw = _figures if figures else None
    with keeping(out):
        result = write_nation(out, job, drawn, replications, counties, found, run_facts, asked, draw=draw)
        print_nation(result, job, drawn, counties, show_all=show_all)
        sys.stdout.flush()
    err.print(
        tr(
            "{n:,} counties, {disputes:,} disputes with warm-up in {time}; results in {folder}",
            n=counties,
            disputes=disputes,
            time=duration(seconds),
            folder=f"{out}{os.sep}",
        )
    )
    return Ran(OK, nation_found(result, job, counties, replications), (), out)


def _figures(table: CountyOutcomes, job: NationRun, folder: Path) -> None:
    from sim.show.figures.nation import save_nation

    save_nation(table, job, folder)


def print_nation(
    result: NationResult, job: NationRun, drawn: Counties, counties: int, *, show_all: bool = False
) -> None:
    """Print totals, spread and the outside figures."""
    out, window = console(), job.nation.county.window
    title = job.nation.experiment.title
    whole = len(drawn)
    people = drawn.persons[:counties].sum()
    part = (
        tr("all {n:,} counties", n=whole)
        if counties == whole
        else tr("the first {n:,} of {whole:,} counties", n=counties, whole=whole)
    )
    about = {"title": terms.title(title), "start": window.start, "end": window.end, "part": part}
    out.print("\n" + tr("{title}, {start} to {end}: {part}, {people:,} people", **about, people=people))
    reading = terms.reading(job.nation.county.recording.reading)
    said = marked("Uncalibrated: parameters at central values, spread assumed. Recording: {reading}.")
    out.print(f"{tr(said, reading=reading)}\n")
    _main_table(result.summary, show_all=show_all)
    _staff_table(result.summary)
    if len(result.outside):
        _outside_table(result.outside)


def _main_table(summary: pd.DataFrame, *, show_all: bool) -> None:
    plain = summary[summary["by"] == ""].set_index("metric")
    names = list(plain.index) if show_all else [name for name in MAIN if name in plain.index]
    grid = table(
        *(tr("metric"), tr("layer"), tr("nation"), tr("how"), tr("county p05"), tr("median"), tr("p95")),
        tr("unit"),
        right=(2, 4, 5, 6),
    )
    for name in names:
        row = plain.loc[name].to_dict()
        numbers = [number(row[column]) for column in ("nation", "p05", "p50", "p95")]
        unit = terms.unit(str(row["unit"]), name)
        cells = (terms.metric(name), tr(str(row["layer"])), numbers[0], tr(str(row["how"])))
        grid.add_row(*cells, *numbers[1:], unit)
    console().print(grid)
    console().print()


def _staff_table(summary: pd.DataFrame) -> None:
    rows = summary[summary["metric"] == "utilisation"]
    grid = table(
        *(tr("staff"), tr("nation"), tr("county p05"), tr("median"), tr("p95")),
        right=(1, 2, 3, 4),
        title=tr("Utilisation (% of the hours left for disputes)"),
    )
    for _, row in rows.iterrows():
        grid.add_row(
            terms.staff(str(row["group"])), *(number(row[c]) for c in ("nation", "p05", "p50", "p95"))
        )
    console().print(grid)
    console().print()


def _outside_table(outside: pd.DataFrame) -> None:
    out = console()
    grid = table(
        *(tr("outside figure"), tr("published"), tr("simulated"), tr("county p05"), tr("p95"), tr("unit")),
        right=(1, 2, 3, 4),
        title=tr("Beside figures from outside (none was used to fit anything but where noted)"),
    )
    for _, row in outside.iterrows():
        low, high = number(row["outside_low"]), number(row["outside_high"])
        published = low if low == high else between(low, high)
        cells = [number(row[c]) for c in ("nation", "p05", "p95")]
        grid.add_row(tr(str(row["name"])), published, *cells, tr(str(row["unit"])))
    out.print(grid)
    for _, row in outside.iterrows():
        out.print(tr("* {name}: {note}", name=tr(str(row["name"])), note=tr(str(row["note"]))))


def _dry_run(
    args: argparse.Namespace, job: NationRun, counties: int, replications: int, executor: Executor
) -> int:
    nation, out = job.nation, console()
    drawn = draw_counties(nation, job.seed)
    share = drawn.persons[:counties].sum() / drawn.persons.sum()
    disputes = expected(nation) * share * replications
    largest = expected(nation) * drawn.persons[:counties].max() / drawn.persons.sum()
    seconds = disputes * SECONDS_PER_DISPUTE[job.engine] / executor.workers
    memory = (executor.workers + 1) * PROCESS_BYTES + executor.workers * largest * DISPUTE_BYTES
    answer(
        args,
        {
            "design": "nation",
            "dry_run": True,
            "experiment": {"name": nation.experiment.name, "title": nation.experiment.title},
            "replications": replications,
            "counties": counties,
            "engine": job.engine,
            "workers": executor.workers,
            "disputes": disputes,
            "seconds": seconds,
            "memory_bytes": memory,
        },
    )
    title, workers, time = terms.short_title(nation.experiment.title), executor.workers, duration(seconds)
    head = marked("{title}: {n:,} counties, {replications} replication(s), nothing is run")
    out.print(tr(head, title=title, n=counties, replications=replications))
    out.print(tr("  disputes      about {n}, with warm-up", n=number(round(disputes))))
    said = marked("  time          about {time} on {n} worker(s), if as fast as a small server")
    out.print(tr(said, time=time, n=workers))
    out.print(tr("  memory        about {size} in all processes", size=size(memory)))
    return OK
