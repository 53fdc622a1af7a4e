"""The answer to which trial of a policy could show its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text
from sim.runs.atomic_files import write_atomically
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.terms import Called
from sim.statistics.cluster_trials import Number
from sim.studies.county import about_parameters, about_place
from sim.studies.inputs import Inputs
from sim.studies.pilot.choice import Recommended, recommended
from sim.studies.pilot.grid import Trial
from sim.studies.pilot.plan_file import NAME, Allotment, allot, plan_text
from sim.studies.pilot.words import in_words, sentences
from sim.studies.pilot.worlds import BASE, Simulated
from sim.studies.possible import without_hours
from sim.studies.study import Sketch, Study


@dataclass(frozen=True)
class Asked:
    """What was asked: `policy` beside `baseline`, from `start` on, judged by `outcome`; `file` names the place.

    `values` are yuan by unit of outcomes, over `years`. `posterior` is None where parameters are drawn from ranges.
    """

    place: Place
    file: str
    policy: str
    baseline: str
    measures: tuple[Measure, ...]
    without: tuple[Measure, ...]
    start: date
    trials: tuple[Trial, ...]
    outcome: str
    values: Mapping[str, float]
    years: float
    draws: int
    replications: int
    posterior: ParameterDraws | None
    seed: int
    key: str
    inputs: Inputs

    @property
    def new(self) -> tuple[Measure, ...]:
        """The measures that are tried out."""
        return tuple(m for m in self.measures if m not in self.without)

    @property
    def months(self) -> int:
        """Of the longest trial."""
        return max(t.design.months for t in self.trials)


@dataclass(frozen=True)
class Piloted(Study):
    """Trials by design, outcome and reading; which to hold, and its plan.

    `designs`, `contamination`, `correlation` and `worth` (empty without values) are tables, see docs/pilot.md.
    """

    command: ClassVar[str] = "pilot"
    asked: Asked
    designs: pd.DataFrame = field(repr=False)
    contamination: pd.DataFrame = field(repr=False)
    correlation: pd.DataFrame = field(repr=False)
    worth: pd.DataFrame = field(repr=False)
    found: Simulated = field(repr=False)

    @cached_property
    def recommended(self) -> Recommended | None:
        """The trial to hold, or the best of those that are too weak; None where none keeps its false alarms."""
        return recommended(self.designs, self.asked.outcome)

    @cached_property
    def net(self) -> Number | None:
        """Its worth after its cost, in yuan, under the reading where it is least; None without values."""
        chosen = self.recommended
        if chosen is None or self.worth.empty:
            return None
        same = self.worth["metric"] == self.asked.outcome
        for name in ("design", "villages", "months", "steps"):
            same &= self.worth[name] == chosen.one(name)
        least = self.worth[same].sort_values("net").iloc[0]
        return Number(float(least["net"]), float(least["net_se"]))

    @cached_property
    def allotment(self) -> Allotment | None:
        """Villages by lot, for the recommended trial."""
        chosen = self.recommended
        if chosen is None:
            return None
        base = self.found.cells[self.asked.outcome][0, :, :, 1].mean(axis=0) / self.found.persons.mean(axis=0)
        return allot(chosen, base.astype(float), self.found.township[0], self.asked.start, self.asked.seed)

    @property
    def plan(self) -> str:
        """The plan of the recommended trial as a policy file, YAML; empty where there is none."""
        asked, chosen = self.asked, self.recommended
        if chosen is None or self.allotment is None or not asked.new:
            return ""
        months = chosen.number("months")
        return plan_text(
            asked.place, asked.policy, asked.new, self.allotment, months, asked.file, asked.baseline
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """`designs`, `contamination`, `correlation`, `allotment`, and with values `worth`."""
        every = {
            "designs": self.designs,
            "contamination": self.contamination,
            "correlation": self.correlation,
            "worth": self.worth,
        }
        if self.allotment is not None:
            every["allotment"] = self.allotment.table()
        return {name: frame for name, frame in every.items() if len(frame)}

    def figures(self) -> dict[str, Sketch]:
        """Power over villages and months."""
        return {"power": Sketch("power", {"asked": self.asked, "designs": self.designs})}

    def sentences(self) -> list[Text]:
        """The decision in words."""
        asked, title = self.asked, self.asked.place.title
        return sentences(
            Called(title.en, title.zh),
            asked.policy,
            asked.outcome,
            self.designs,
            self.contamination,
            self.recommended,
            self.net,
        )

    def messages(self) -> list[Text]:
        """Where parameters are from, what is left out, and that nothing was valued."""
        asked = self.asked
        said: list[Text] = []
        if asked.posterior is None:
            said.append(
                Message(
                    "Uncalibrated: parameters are drawn from the ranges of the scenario, and the same draws are "
                    "recorded under both readings. A county that is calibrated has surer answers."
                )
            )
        said.append(
            Message(
                "The policy is taken to have its effect at once, and villages not to touch each other; "
                "how far they do is in contamination."
            )
        )
        if not asked.values:
            said.append(Message("What the trial is worth is left out: no outcome has a value (--value)."))
        if self.found.dealt.left_out:
            said.append(without_hours(len(self.found.dealt.left_out)))
        return said

    def write(self, folder: Path) -> None:
        """The tables, and the plan beside them."""
        super().write(folder)
        if self.plan:
            write_atomically(folder / NAME, self.plan.encode())
        else:
            (folder / NAME).unlink(missing_ok=True)

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        asked = self.asked
        return {
            "command": self.command,
            "key": asked.key,
            "asked": {"place": asked.file, "policy": asked.policy, "baseline": asked.baseline},
            "posterior": asked.posterior.key if asked.posterior else None,
            "inputs": asked.inputs,
        }

    def answer(self) -> dict[str, Any]:
        """The answer for programs."""
        asked, chosen = self.asked, self.recommended
        tables = self.tables()
        return {
            "place": about_place(asked.place),
            "policy": asked.policy,
            "baseline": asked.baseline,
            "start": asked.start,
            "outcome": asked.outcome,
            "base_months": BASE,
            "seed": asked.seed,
            "draws": len(set(self.found.draw.tolist())),
            "replications": asked.replications,
            **about_parameters(asked.place, asked.posterior),
            "in_words": [str(text) for text in self.sentences()],
            "recommended": None
            if chosen is None
            else {
                "in_words": str(in_words(chosen.first)),
                "strong_enough": chosen.enough,
                "power": chosen.power,
                "net_benefit_yuan": None if self.net is None else self.net.value,
            },
            "plan": self.plan,
            **tables,
            "impossible_draws": len(self.found.dealt.left_out),
            "looked_at_draws": self.found.dealt.looked,
        }
