"""What every verb does: check what was asked, claim a folder, carry it out, keep the study, show it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sim.cli import FAILED, OK, spreadsheet
from sim.cli.commands import COMMANDS, Command
from sim.cli.errors import keeping
from sim.cli.json_answer import answer as tell
from sim.cli.running import STOPS, make_ready, stopped
from sim.language import Message, tr
from sim.runs.atomic_files import can_be_written
from sim.scenario.errors import UserError
from sim.show.figures.painter import Matplotlib
from sim.show.text.console import console, duration, progress
from sim.studies.folders import claimed
from sim.studies.study import (
    COMMAND_LINE,
    RESULTS,
    STORE,
    Plan,
    Stopwatch,
    Study,
    Work,
    manner_of,
    paint_with,
    working,
)

WORK = {"workers", "executor", "scheduler"}  # options about where the work runs
S = TypeVar("S", bound=Study)

paint_with(Matplotlib())


def _command(args: argparse.Namespace) -> Command:
    (command,) = (c for c in COMMANDS if c.name == args.command)
    return command


def asked(args: argparse.Namespace) -> dict[str, Any]:
    """What was asked, as the arguments of the public function; not where the work runs or how it is shown."""
    return {o.parameter: getattr(args, o.parameter) for o in _command(args).asked if o.parameter not in WORK}


def typed(args: argparse.Namespace) -> list[str]:
    """The words that ask the same: how a report says that its numbers are made again."""
    return _command(args).typed(asked(args))


@contextlib.contextmanager
def work_for(args: argparse.Namespace, store: Path = STORE) -> Iterator[Work]:
    """The workers that the options name, with progress bars."""
    where = {name: getattr(args, name) for name in WORK if hasattr(args, name)}
    with contextlib.ExitStack() as stack:
        try:
            work = stack.enter_context(working(**where, store=store, progress=progress, script=False))
        except ValueError as error:  # of the options, not of what is done with the workers
            raise UserError(Message("--executor: {error}", error=error)) from None
        yield work


def perform(
    args: argparse.Namespace, plan: Plan[S], show: Callable[[S], None], *, below: bool = False
) -> int:
    """Take a folder, carry out a plan, keep the study in the folder, show it; returns the exit code.

    `--out` is the folder or, with `below`, where the folder lies.
    """
    if getattr(args, "dry_run", False):
        return costed(args, plan)
    err, manner = console(error=True), manner_of(plan)
    with work_for(args) as idle, _claimed(args, plan, below) as out:
        store = out / manner.chunks if manner.chunks else STORE
        can_be_written(store)
        work = replace(idle, store=store)
        err.print(plan.opening(work.executor.workers))
        make_ready(manner.engine, plan.place, err)
        watch = Stopwatch()
        try:
            with keeping(store):
                study = plan.carry_out(work)
        except STOPS as stop:
            return stopped(stop, store, manner.unit)
        spent = watch.facts(manner.engine, work.executor.workers)
        facts = spent | study.facts | {COMMAND_LINE: typed(args)}
        with keeping(store):
            study.keep(out, plan.key, figures=not getattr(args, "no_figures", False), run=facts)
    with keeping(out):
        show(study)
        sys.stdout.flush()
    written = [out, *spreadsheet.write(args, study, typed(args), (plan.place,))]
    tell(args, study.answer(), warnings=[str(m) for m in study.messages()], written=written)
    place = f"{out}{os.sep}"
    err.print(tr("done in {time}; results in {folder}", time=duration(watch.seconds), folder=place))
    return OK if study.passed else FAILED


def costed(args: argparse.Namespace, plan: object) -> int:
    """Say what a plan would cost, and run nothing; returns the exit code."""
    from sim.show.text.run import print_cost
    from sim.studies.dry_run import cost_of

    with work_for(args) as work:
        return shown(args, cost_of(plan, work.executor.workers), print_cost)


def _claimed(args: argparse.Namespace, plan: Plan[S], below: bool) -> contextlib.AbstractContextManager[Path]:
    """The folder that the options name, or that of the plan."""
    given, folder = getattr(args, "out", None), plan.folder
    if given and not below:
        wanted = Path(given)
    else:
        wanted = folder if isinstance(folder, Path) else Path(given or RESULTS) / folder
    overwrite = getattr(args, "overwrite", False)
    return claimed(wanted, plan.key, named_by_user=bool(given) and not below, overwrite=overwrite)


def shown(
    args: argparse.Namespace,
    study: S,
    show: Callable[[S], None],
    *,
    written: Sequence[Path | str] = (),
    failed: int = FAILED,
) -> int:
    """Show a study that has no folder of its own; returns the exit code."""
    show(study)
    book = spreadsheet.write(args, study, typed(args))
    tell(args, study.answer(), warnings=[str(m) for m in study.messages()], written=[*written, *book])
    return OK if study.passed else failed
