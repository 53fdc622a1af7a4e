"""What `run` and `rerun` answer to programs: the whole summary of a place or of a nation."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.machine import about_place, answer
from sim.language import Message, Text
from sim.runs.estimate import Estimate
from sim.runs.nation import NationRun
from sim.runs.place_run import PlaceRun
from sim.scenario.policy import practice
from sim.scenario.terms import Term
from sim.studies.national import NationResult
from sim.studies.possible import without_hours
from sim.studies.results import Result
from sim.studies.summary import idle_staff


@dataclass(frozen=True)
class Ran:
    """How a run ended: exit code, and unless it was stopped its answer, what a reader must know, and the folder."""

    code: int
    found: dict[str, Any] | None = None
    warnings: tuple[Text, ...] = ()
    folder: Path | None = None


def tell(args: argparse.Namespace, ran: Ran, **more: object) -> int:
    """The answer for programs, and the exit code."""
    if ran.found is not None and ran.folder is not None:
        answer(args, {**ran.found, **more}, warnings=ran.warnings, written=[ran.folder])
    return ran.code


def place_found(result: Result) -> dict[str, Any]:
    """A run of a place. `metrics` has every row of summary.csv."""
    place, manifest = result.place, result.manifest
    drawn = manifest.get("posterior")
    measures = manifest.get("measures")
    in_force = (
        [m.mechanism for m in practice(place)] if measures is None else [m["mechanism"] for m in measures]
    )
    return {
        "design": "place",
        "place": about_place(place),
        "mechanisms": in_force,
        "seed": manifest["seed"],
        "replications": manifest["replications"],
        "calibrated": drawn is not None,
        "readings": drawn["readings"] if drawn else [place.recording.reading],
        "interval": "central 95 % of replications" if drawn else "95 % t-interval of the mean",
        "trace_digest": manifest["trace_digest"],
        "metrics": result.summary,
        "targets": place.targets,
    }


def place_warnings(result: Result) -> list[Message]:
    """What the tables of a place say in words."""
    place, summary = result.place, result.summary
    left_out = result.manifest.get("posterior", {}).get("left_out", ())
    out = [without_hours(len(left_out))] if left_out else []
    out += [
        Message(
            "{staff}: under 20 % of hours used even in the busiest pool; capacity cannot matter there",
            staff=Term("staff", i.staff),
        )
        for i in idle_staff(summary)
    ]
    without = [t.metric for t in place.targets if t.metric not in set(summary["metric"])]
    if without:
        out.append(
            Message(
                "reported figures without a simulated counterpart: {list}",
                list=[Term("metric", name) for name in without],
            )
        )
    return out


def nation_found(result: NationResult, job: NationRun, counties: int, replications: int) -> dict[str, Any]:
    """A run of a nation: every row of summary.csv and outside.csv."""
    experiment = job.nation.experiment
    return {
        "design": "nation",
        "experiment": {"name": experiment.name, "title": experiment.title},
        "county": about_place(job.nation.county),
        "seed": job.seed,
        "replications": replications,
        "counties": counties,
        "of_counties": int(experiment.totals.counties),
        "calibrated": False,
        "readings": [job.nation.county.recording.reading],
        "interval": "95 % t-interval over replications",
        "metrics": result.summary,
        "outside": result.outside,
    }


def cost_found(job: PlaceRun, cost: Estimate, replications: int, workers: int) -> dict[str, Any]:
    """What a run would cost, with --dry-run."""
    return {
        "design": "place",
        "dry_run": True,
        "place": about_place(job.place),
        "replications": replications,
        "engine": job.engine,
        "workers": workers,
        "disputes_per_replication": cost.disputes,
        "trace_rows_per_replication": cost.rows,
        "seconds": cost.seconds,
        "memory_bytes": cost.memory,
    }
