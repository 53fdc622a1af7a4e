"""`compare`: policies on the same disputes with the same luck, or an experiment that compares."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.cli import OK, UserError
from sim.cli.comparison_answer import comparison_found
from sim.cli.machine import answer as tell
from sim.cli.policies import CELLS, folder_for, metric, metrics, numbers
from sim.cli.run import chosen_executor
from sim.cli.running import STOPS, facts, make_ready, told
from sim.language import Message, tr
from sim.model import build
from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.runs.executors.local import Executor
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.comparison import Design, is_comparison, load_comparison, made
from sim.scenario.prices import load_prices
from sim.show.text.compare import left_out_of, print_answer
from sim.show.text.console import console, duration, progress
from sim.studies.answer import Answer, answer, break_evens
from sim.studies.assemble import case_of, place_panel
from sim.studies.posteriors import of_design
from sim.studies.results import begin, finish, json_text
from sim.studies.tables import write_table


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    design = load_comparison(args.place, args.sets) if is_comparison(args.place) else _asked(args)
    if is_comparison(args.place):
        if args.policies:
            raise UserError(Message("an experiment has its own policies; name a place to compare others"))
        changes: dict[str, Any] = {}
        for name in ("replications", "draws", "objective"):
            if getattr(args, name) is not None:
                changes[name] = getattr(args, name)
        design = _with(design, changes)
    with contextlib.closing(chosen_executor(args)) as executor:
        return execute(design, args, executor)


def run_experiment(args: argparse.Namespace) -> int:
    """`run` of an experiment that compares."""
    for option in ("counties", "precision", "metrics", "policy", "dry_run"):
        if getattr(args, option, None):
            raise UserError(
                Message("--{x} is not for an experiment that compares", x=option.replace("_", "-"))
            )
    design = load_comparison(args.place, args.sets)
    if args.replications:
        design = _with(design, {"replications": args.replications})
    args.break_even, args.prices = False, None
    with contextlib.closing(chosen_executor(args)) as executor:
        return execute(design, args, executor)


def _with(design: Design, changes: dict[str, Any]) -> Design:
    """A comparison with other numbers of draws or replications."""
    from dataclasses import replace

    return replace(design, comparison=design.comparison.model_copy(update=changes)) if changes else design


def _asked(args: argparse.Namespace) -> Design:
    """The comparison that the options describe."""
    options: dict[str, Any] = {"baseline": args.baseline, "seed": args.seed}
    for name in ("replications", "draws"):
        if getattr(args, name) is not None:
            options[name] = getattr(args, name)
    known = None
    if args.metrics:
        options["metrics"] = known = metrics(args.metrics, "--metrics")
    if args.objective:
        options["objective"] = metric(args.objective, "--objective")
    elif known:
        options["objective"] = known[0]
    options["margins"] = numbers(args.margin, "--margin")
    return made([args.place], args.policies, name="compare", sets=args.sets, **options)


def execute(design: Design, args: argparse.Namespace, executor: Executor) -> int:
    """Run what is missing, analyse every place, write the folder, print."""
    err = console(error=True)
    prices = load_prices(args.prices)
    design = of_design(design, args.sets, args.posterior, args.reading)
    comparison = design.comparison
    design = design.feasible(lambda cell: build(cell.place, cell.measures))
    cases = [case_of(cell, comparison) for cell in design.cells]
    wanted = pairs(design.draws, comparison.replications)
    err.print(
        tr(
            "{title}: {places} place(s), {policies} policies in all, {draws} draw(s) of {n} replications, "
            "{workers} worker(s)",
            title=terms.title(comparison.title),
            places=len(design.places),
            policies=len(cases),
            draws=design.draws,
            n=comparison.replications,
            workers=executor.workers,
        )
    )
    make_ready("compiled", design.cells[0].place, err)
    asked = [
        comparison.model_dump(mode="json"),
        [case.key for case in cases],
        args.break_even,
        str(args.prices),
    ]
    out, key = folder_for(args, _folder(design), asked)
    started, begun = time.perf_counter(), datetime.now(UTC)
    try:
        with progress(tr("replications")) as report:
            outcomes = run_cases(cases, wanted, folder=CELLS, executor=executor, progress=report)
        found = {name: place_panel(design, outcomes, name) for name in design.places}
        answers = [answer(found[name], comparison, prices) for name in design.places]
        if args.break_even:
            for one in answers:
                with progress(tr("replications")) as report:
                    one.break_even = break_evens(one, design, CELLS, executor=executor, progress=report)
    except STOPS as stop:
        return told(stop, CELLS)
    seconds = time.perf_counter() - started
    _write(
        design, answers, out, key, facts("compiled", executor, begun, seconds), figures=not args.no_figures
    )
    for one in answers:
        print_answer(one, design)
    tell(args, comparison_found(answers, design), written=[out])
    err.print(tr("done in {time}; results in {folder}", time=duration(seconds), folder=f"{out}{os.sep}"))
    return OK


def _folder(design: Design) -> str:
    name = design.comparison.name
    return f"compare-{design.places[0]}" if name == "compare" else name


def _write(
    design: Design, answers: list[Answer], out: Path, key: str, run: dict[str, Any], *, figures: bool
) -> None:
    """Tables and figures of every place; the manifest last."""
    comparison, left_out = design.comparison, left_out_of(answers, design)
    begin(out, key)
    for one in answers:
        folder = out / one.place.cells[0].place.name if len(answers) > 1 else out
        for name, frame in one.tables().items():
            write_table(folder / f"{name}.csv", frame, "%.8g")
        if figures:
            from sim.show.figures.comparing import save_comparison

            save_comparison(one, comparison, folder / "figures")
    if figures and comparison.exchange:
        from sim.show.figures.comparing import exchange_frame, save_matrix

        found = [(one.place.cells[0].place, one.effects) for one in answers]
        metric = answers[0].place.panel.metrics[0]
        frame = exchange_frame(found, left_out, metric)
        calibrated = all(cell.posterior is not None for cell in design.cells)
        save_matrix(frame, metric, found[0][0], comparison, calibrated, out / "figures")
    cells = [
        {
            "place": cell.place.name,
            "policy": cell.policy,
            "expression": cell.expression,
            "key": case_of(cell, comparison).key,
            "posterior": cell.posterior.key if cell.posterior and design.draws > 1 else None,
            "measures": [m.model_dump(mode="json") for m in cell.measures],
        }
        for cell in design.cells
    ]
    manifest = {
        "command": "compare",
        "key": key,
        "comparison": comparison.model_dump(mode="json"),
        "cells": cells,
        "left_out": [
            {"place": place, "policy": policy, "why": why} for (place, policy), why in left_out.items()
        ],
    }
    write_atomically(out / "run.json", json_text(run))
    finish(out, manifest)
