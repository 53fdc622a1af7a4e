"""`rerun`: run what a manifest describes, and say whether the traces are the same."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from sim.cli import FAILED, OK, UserError
from sim.cli.run import execute
from sim.engines.choose import choose_engine
from sim.experiments.estimate import expected_disputes
from sim.experiments.executor import executor_by_name
from sim.experiments.job import PlaceJob
from sim.experiments.results import free_folder, read_manifest
from sim.model import build
from sim.scenario.place import Place


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    path = Path(args.manifest)
    manifest = read_manifest(path)
    try:
        place = Place.model_validate(manifest["scenario"])
    except ValueError as error:
        raise UserError(
            f"{path}: its scenario does not fit this version: {str(error).splitlines()[0]}"
        ) from None
    asked, replications = str(manifest.get("engine", "auto")), int(manifest["replications"])
    engine = choose_engine(asked, expected_disputes(build(place)) * replications)
    job = PlaceJob(place, int(manifest["seed"]), engine)
    folder = path if path.is_dir() else path.parent
    wanted = Path(args.out) if args.out else folder.resolve().with_name(f"{folder.resolve().name}-rerun")
    out = free_folder(wanted, job.key, named_by_user=bool(args.out))
    executor = executor_by_name("processes", args.workers or os.cpu_count() or 1)
    code = execute(job, out, executor, replications, asked=asked, figures=not args.no_figures)
    if code != OK:
        return code
    digest = read_manifest(out)["trace_digest"]
    if digest == manifest["trace_digest"]:
        print("The traces are identical to those of the manifest.")
        return OK
    print(
        f"The traces differ from those of the manifest (digest {digest[:12]} against "
        f"{manifest['trace_digest'][:12]}): it was made by another version of the program or of its libraries.",
        file=sys.stderr,
    )
    return FAILED
