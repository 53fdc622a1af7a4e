"""Whether calibrated places still give what they gave; made for continuous integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text, marked, tr
from sim.runs.posterior import load, path_of
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.terms import Term
from sim.studies.asked import once
from sim.studies.calibration.gate import FALSE_ALARM, Gated
from sim.studies.calibration.gate import check as gate
from sim.studies.calibration.gate_check import Check
from sim.studies.question import question
from sim.studies.study import Study, Work, key_of


@dataclass(frozen=True)
class Checked(Study):
    """The verdicts: a check for each figure of each place and reading; and what is stale."""

    command: ClassVar[str] = "check"
    checks: tuple[Check, ...]
    stale: tuple[Text, ...]
    seed: int

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(c.passed for c in self.checks)

    @property
    def frame(self) -> pd.DataFrame:
        """A row per check: place, reading, figure, reported, pinned, simulated, tolerance, passed."""
        return pd.DataFrame(self._rows())

    def _rows(self) -> list[dict[str, Any]]:
        return [{**c.__dict__, "met": c.met, "passed": c.passed} for c in self.checks]

    def tables(self) -> dict[str, pd.DataFrame]:
        """`checks`."""
        return {"checks": self.frame}

    @property
    def misfits(self) -> list[Message]:
        """Reported figures that a place is known not to give, with the reason."""
        said = marked("{place}, {reading}: known misfit: {figure}, reported {reported}: {why}")
        return [
            Message(
                said,
                place=Term("word", c.place),
                reading=Term("reading", c.reading),
                figure=c.figure,
                reported=c.reported,
                why=c.misfit,
            )
            for c in self.checks
            if c.misfit
        ]

    def messages(self) -> list[Text]:
        """Posteriors of another model or scenario, and known misfits."""
        return [*self.stale, *self.misfits]

    def manifest(self) -> dict[str, Any]:
        """What was checked."""
        rows = [[c.place, c.reading, str(c.figure), c.simulated] for c in self.checks]
        return {"command": self.command, "key": key_of([rows, self.seed]), "seed": self.seed}

    def answer(self) -> dict[str, Any]:
        """The verdicts for programs."""
        return {
            "seed": self.seed,
            "false_alarm": FALSE_ALARM,
            "passed": self.passed,
            "checks": self._rows(),
        }


@dataclass(frozen=True)
class CheckPlan:
    """Places with their posteriors."""

    gated: tuple[Gated, ...]
    seed: int

    @property
    def place(self) -> Place:
        """The first place."""
        return self.gated[0].place

    @cached_property
    def stale(self) -> tuple[Text, ...]:
        """What to know of posteriors that belong to another model or scenario."""
        said = marked("{place}: {why}; checked against what its posterior says all the same.")
        reasons = [(g.place.name, g.posterior.stale(g.place, g.measures)) for g in self.gated]
        return tuple(Message(said, place=Term("word", name), why=why) for name, why in reasons if why)

    def carry_out(self, work: Work) -> Checked:
        """Simulate and compare."""
        with work.progress(tr("replications")) as report:
            checks = gate(self.gated, executor=work.executor, seed=self.seed, progress=report)
        return Checked(tuple(checks), self.stale, self.seed)


@question(Checked)
def check(
    places: Sequence[str] = (),
    *,
    seed: int = 1,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> CheckPlan:
    """Whether calibrated places (default: all that have a posterior) still give what they gave."""
    chosen = list(places) or [n for n in _every_reading() if path_of(n.replace("@", "_")).is_file()]
    if not chosen:
        raise UserError(Message("no place has a posterior; make one: run_sim.py calibrate PLACE"))
    gated = tuple(_gated(name) for name in chosen)
    once([one.place.name for one in gated], "check")
    return CheckPlan(gated, seed)


def _every_reading() -> list[str]:
    """Places, each with its alternatives."""
    every = []
    for name in names("places"):
        every += [name, *(f"{name}@{other}" for other in load_place(name).alternatives)]
    return every


def _gated(name: str) -> Gated:
    place = load_place(name)
    posterior = load(path_of(place.name))
    if not all("pinned" in reading.about for reading in posterior.readings.values()):
        raise UserError(
            Message(
                "the posterior of {place} holds no pinned means to check; run_sim.py calibrate {place}",
                place=name,
            )
        )
    return Gated(place, tuple(practice(place)), posterior)


plan = check.plan
