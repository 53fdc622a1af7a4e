"""What commands that run a job have in common: machine code first, words for a stop, facts about the run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from sim.cli import FAILED, INTERRUPTED
from sim.cli.streams import complain
from sim.language import tr
from sim.model import build
from sim.native.cache import is_compiled
from sim.runs.batch import Interrupted
from sim.runs.executors.cluster import ClusterLost
from sim.runs.executors.local import TaskFailed
from sim.runs.executors.workers import WorkersCannotStart
from sim.runs.store import ReplicationsMissing
from sim.scenario.place import Place

STOPS = (Interrupted, TaskFailed, WorkersCannotStart, ClusterLost, ReplicationsMissing)


def make_ready(engine: str, place: Place, err: Console) -> None:
    """Make the machine code before workers start, if the engine needs it and it is not there."""
    if engine == "compiled" and not is_compiled():
        from sim.engines import compiled
        from sim.outcomes import tally

        err.print(tr("Its machine code is made first, once after an installation: some 10 seconds."))
        model = build(place)
        compiled.make_machine_code(model)
        tally.make_machine_code(model)


def stopped(stop: BaseException, out: Path | None, unit: str = "replications") -> int:
    """Say why the run stopped and what is kept (`out` None: nothing); returns the exit code."""
    if isinstance(stop, Interrupted) and out is None:
        complain(tr("interrupted"))
        return INTERRUPTED
    if isinstance(stop, Interrupted):
        complain(f"{str(stop).replace('replications', unit)}: the same command takes it up again")
        return INTERRUPTED
    kept = "" if out is None else f"\nWhat was finished is kept in {out}; the same command runs the rest."
    complain(f"{stop}{kept}")
    return FAILED
