"""The same again: what a manifest describes is done anew, and compared with what came out then."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.engines.choose import choose_engine
from sim.language import Message, Text
from sim.model import build
from sim.runs.estimate import expected_disputes
from sim.runs.nation import NationRun
from sim.runs.place_run import PlaceRun
from sim.scenario.errors import UserError
from sim.scenario.experiment import Experiment, Nation
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.studies.calibrate.again import again
from sim.studies.county import County
from sim.studies.nation.plan import NationPlan, engine_for
from sim.studies.question import question
from sim.studies.results import fitting, of_run, read_draws, read_manifest, tables_in
from sim.studies.run.plan import RunPlan
from sim.studies.study import Manner, Plan, Sketch, Study, Work, manner_of

# The other commands that can be done again, with the modules that have their plans.
PLANS = {
    "audit": "audit",
    "compare": "compare",
    "select": "select",
    "optimise": "optimise",
    "sensitivity": "sensitivity",
    "before-after": "before_after",
    "pilot": "pilot",
    "predict": "predict",
}


@dataclass(frozen=True)
class Rerun(Study):
    """What came out `again`, and whether it is what the `manifest` of the first time describes.

    Tables, figures and folder are those of the command that was done again.
    """

    command: ClassVar[str] = "rerun"
    again: Study
    first: Mapping[str, Any] = field(repr=False)
    _written: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def traces(self) -> bool | None:
        """Whether the traces are the same; None where the manifest holds no digest of traces."""
        then = self.first.get("trace_digest")
        return None if then is None else self.again.manifest()["trace_digest"] == then

    @property
    def differing(self) -> list[str]:
        """Files of tables that are not the same bytes, or that only one of the two has."""
        if not self._written:
            with tempfile.TemporaryDirectory() as folder:
                self.write(Path(folder))
        then, now = self.first.get("files", {}), self._written
        return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))

    @property
    def passed(self) -> bool:
        """Whether the same came out: every trace, every byte of every table."""
        return self.traces is not False and not self.differing

    @property
    def other_question(self) -> bool:
        """Whether something that decides the answer has changed since, so that it may well be another."""
        return bool(self.again.manifest()["key"] != self.first["key"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Those of the command."""
        return self.again.tables()

    def figures(self) -> dict[str, Sketch]:
        """Those of the command."""
        return self.again.figures()

    def messages(self) -> list[Text]:
        """What has changed since, and what the command says."""
        changed = Message(
            "What decides this answer has changed since: the scenario, the posterior, the program or its libraries."
        )
        return [*([changed] if self.other_question else []), *self.again.messages()]

    @property
    def facts(self) -> dict[str, Any]:
        """Those of the command."""
        return self.again.facts

    def manifest(self) -> dict[str, Any]:
        """That of the command."""
        return self.again.manifest()

    def answer(self) -> dict[str, Any]:
        """That of the command, whether it is `identical`, and the files that differ."""
        of_manifest = {name: self.first[name] for name in ("key", "trace_digest") if name in self.first}
        found = {"identical": self.passed, "differing": self.differing, "of_manifest": of_manifest}
        return {**self.again.answer(), **found}

    def write(self, folder: Path) -> None:
        """The files of the command."""
        self.again.write(folder)
        self._written.clear()
        self._written.update(tables_in(folder))


@dataclass(frozen=True)
class RerunPlan:
    """A manifest that can be done again: the plan that it describes, and where its folder is."""

    again: Plan[Study]
    first: Mapping[str, Any]
    beside: Path

    @property
    def key(self) -> str:
        """Of the plan."""
        return self.again.key

    @property
    def folder(self) -> Path:
        """Beside the folder of the manifest."""
        return beside(self.beside, "-rerun")

    @property
    def place(self) -> Place:
        """Of the plan."""
        return self.again.place

    @property
    def manner(self) -> Manner:
        """Of the plan."""
        return manner_of(self.again)

    def opening(self, workers: int) -> str:
        """Of the plan."""
        return self.again.opening(workers)

    def carry_out(self, work: Work) -> Rerun:
        """Do it again."""
        return Rerun(self.again.carry_out(work), self.first)


def beside(folder: Path, suffix: str) -> Path:
    """The folder of the same name with a suffix, told as the first was told: `a/b` and `-rerun` give `a/b-rerun`."""
    name = f"{folder.resolve().name}{suffix}"
    return folder.with_name(name) if folder.name not in ("", os.pardir) else folder / os.pardir / name


@question(Rerun)
def rerun(
    manifest: str | Path,
    *,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> RerunPlan:
    """Do again what a result folder or its manifest describes, of any command that simulates; see `passed`.

    A place and its draws are those in the folder; of other commands, those that their options name now. Raises
    ResultError for a manifest that cannot be used.
    """
    path = Path(manifest)
    first = read_manifest(path)
    folder = path if path.is_dir() else path.parent
    with fitting(path):
        return RerunPlan(_planned(path, first), first, folder)


def _planned(path: Path, first: Mapping[str, Any]) -> Plan[Study]:
    command = str(first.get("command", "run"))
    if command in ("run", "nation"):
        of_run(path, first)
        return _of_nation(path, first) if command == "nation" else _of_place(path, first)
    inputs = first.get("inputs")
    if command not in (*PLANS, "calibrate") or not isinstance(inputs, dict) or not inputs:
        raise UserError(
            Message("{path}: a manifest of `{command}` cannot be run again", path=path, command=command)
        )
    try:
        if command == "calibrate":
            return again(first)
        found: Plan[Study] = import_module(f"sim.studies.{PLANS[command]}").plan(**inputs)
    except TypeError as error:
        raise _does_not_fit(path, error) from None
    return found


def _of_nation(path: Path, first: Mapping[str, Any]) -> NationPlan:
    try:
        experiment = Experiment.model_validate(first["experiment"])
        nation = Nation(experiment, Place.model_validate(first["county"]))
        asked, counties = str(first["engine"]), int(first["counties"])
        seed, replications = int(first["seed"]), int(first["replications"])
    except (KeyError, TypeError, ValueError) as error:
        raise _does_not_fit(path, error) from None
    job = NationRun(nation, seed, engine_for(asked, nation, counties, replications))
    return NationPlan(job, counties, replications, asked)


def _of_place(path: Path, first: Mapping[str, Any]) -> RunPlan:
    try:
        place = Place.model_validate(first["scenario"])
        given = first.get("measures")
        measures = None if given is None else tuple(Measure.model_validate(m) for m in given)
        draws, per_draw, left_out = read_draws(path, dict(first))
        asked, seed = str(first.get("engine", "auto")), int(first["seed"])
        replications = int(first["replications"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _does_not_fit(path, error) from None
    engine = choose_engine(asked, expected_disputes(build(place, measures)) * replications)
    job = PlaceRun(place, seed, engine, measures, draws, per_draw, left_out)
    return RunPlan(County(place.name, place), job, replications, asked)


def _does_not_fit(path: Path, error: Exception) -> UserError:
    return UserError(
        Message(
            "{path}: its scenario does not fit this version: {error}",
            path=path,
            error=str(error).splitlines()[0],
        )
    )


plan = rerun.plan
