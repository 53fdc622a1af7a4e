"""`rerun`: run what a manifest describes, and say whether the traces are the same."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Any

from sim.cli import FAILED, OK
from sim.cli.machine import beside
from sim.cli.run import chosen_executor, execute
from sim.cli.run_answer import Ran, tell
from sim.engines.choose import choose_engine
from sim.language import Message, tr
from sim.model import build
from sim.runs.estimate import expected_disputes, refuse_too_large
from sim.runs.executors.local import Executor
from sim.runs.nation import NationRun
from sim.runs.place_run import PlaceRun
from sim.scenario.errors import UserError
from sim.scenario.experiment import Experiment, Nation
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.show.text.console import say
from sim.studies.national import COMMAND as NATION
from sim.studies.results import free_folder, read_draws, read_manifest


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    path = Path(args.manifest)
    manifest = read_manifest(path)
    rerun = _rerun_nation if manifest.get("command") == NATION else _rerun_place
    with contextlib.closing(chosen_executor(args)) as executor:
        ran = rerun(args, path, manifest, executor)
    if ran.code != OK or ran.folder is None:
        return ran.code
    code = _compared(manifest, ran.folder)
    tell(args, ran, identical=code == OK, of_manifest={"trace_digest": manifest["trace_digest"]})
    return code


def _folder(args: argparse.Namespace, path: Path, key: str) -> Path:
    folder = path if path.is_dir() else path.parent
    wanted = Path(args.out) if args.out else beside(folder, "-rerun")
    return free_folder(wanted, key, named_by_user=bool(args.out))


def _rerun_nation(args: argparse.Namespace, path: Path, manifest: dict[str, Any], executor: Executor) -> Ran:
    from sim.cli import nation as command

    try:
        experiment = Experiment.model_validate(manifest["experiment"])
        nation = Nation(experiment, Place.model_validate(manifest["county"]))
    except ValueError as error:
        raise _does_not_fit(path, error) from None
    asked, replications = str(manifest["engine"]), int(manifest["replications"])
    counties, whole = int(manifest["counties"]), int(experiment.totals.counties)
    engine = choose_engine(asked, command.expected(nation) * counties / whole * replications)
    job = NationRun(nation, int(manifest["seed"]), engine)
    command.refuse_too_large_nation(job, counties, replications, 0 if args.scheduler else executor.workers)
    out = _folder(args, path, job.key)
    figures = not args.no_figures
    return command.execute(job, out, executor, counties, replications, asked=asked, figures=figures)


def _does_not_fit(path: Path, error: Exception) -> UserError:
    return UserError(
        Message(
            "{path}: its scenario does not fit this version: {error}",
            path=path,
            error=str(error).splitlines()[0],
        )
    )


def _rerun_place(args: argparse.Namespace, path: Path, manifest: dict[str, Any], executor: Executor) -> Ran:
    try:
        place = Place.model_validate(manifest["scenario"])
        given = manifest.get("measures")
        measures = None if given is None else tuple(Measure.model_validate(m) for m in given)
        draws, per_draw, left_out = read_draws(path, manifest)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _does_not_fit(path, error) from None
    asked, replications = str(manifest.get("engine", "auto")), int(manifest["replications"])
    model = build(place, measures)
    engine = choose_engine(asked, expected_disputes(model) * replications)
    refuse_too_large(model, engine, replications, 0 if args.scheduler else executor.workers)
    job = PlaceRun(place, int(manifest["seed"]), engine, measures, draws, per_draw, left_out)
    out = _folder(args, path, job.key)
    return execute(job, out, executor, replications, asked=asked, figures=not args.no_figures)


def _compared(manifest: dict[str, Any], out: Path) -> int:
    digest = read_manifest(out)["trace_digest"]
    if digest == manifest["trace_digest"]:
        say(tr("The traces are identical to those of the manifest."))
        return OK
    said = tr(
        "The traces differ from those of the manifest (digest {one} against {other}): it was made by another version "
        "of the program or of its libraries.",
        one=digest[:12],
        other=manifest["trace_digest"][:12],
    )
    say(said, error=True)
    return FAILED
