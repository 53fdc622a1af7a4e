"""The answer of a search for the best mixes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Joined, Message, Text, joined
from sim.runs.atomic_files import write_atomically
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.statistics.pareto import Budget, Method
from sim.studies.county import about_parameters, about_place
from sim.studies.inputs import Inputs
from sim.studies.optimise.answer import Answer, front_table
from sim.studies.optimise.decided import decided
from sim.studies.optimise.words import answer_in_words
from sim.studies.possible import summary
from sim.studies.posteriors import words
from sim.studies.study import Sketch, Study


@dataclass(frozen=True)
class Optimised(Study):
    """The mixes that no other beats within a budget, valued on `fresh` replications that the search has not seen.

    `gone` of `drawn` parameter draws count for no mix. `found` has all that the search knows.
    """

    command: ClassVar[str] = "optimise"
    place: Place
    baseline: str
    budget: Budget
    replications: int
    fresh_replications: int
    seed: int
    draws: ParameterDraws | None = field(repr=False)
    found: Answer = field(repr=False)
    gone: int
    drawn: int
    key: str
    asked: dict[str, Any] = field(repr=False)
    inputs: Inputs = field(default_factory=dict, repr=False)

    @property
    def front(self) -> pd.DataFrame:
        """The front as the search saw it: choices, both costs, means and standard errors."""
        return front_table(self.found.front)

    @property
    def fresh(self) -> pd.DataFrame:
        """The front on fresh replications, a row per mix: choices, cost, means and standard errors."""
        problem, rows = self.found.problem, []
        for point in self.found.fresh.points:
            row: dict[str, float] = {v.name: n for v, n in zip(problem.variables, point.mix, strict=True)}
            for name, mean, error in zip(problem.objectives, point.means, point.errors, strict=True):
                row[name] = mean
                if name in problem.simulated:
                    row[f"{name}_se"] = error
            rows.append(row)
        return pd.DataFrame(rows)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`front`, as the search saw it, and `fresh`, the same on fresh replications."""
        return {"front": self.front, "fresh": self.fresh}

    def figures(self) -> dict[str, Sketch]:
        """Cost against each objective."""
        run = Message(
            "{n} replications for the search, {fresh} fresh ones.",
            n=self.replications,
            fresh=self.fresh_replications,
        )
        source = Joined(run, Message("Uncalibrated.") if self.draws is None else Message("Calibrated."))
        return {"pareto": Sketch("pareto", {"found": self.found, "place": self.place, "source": source})}

    @property
    def decided(self) -> list[Text]:
        """What to buy, in words."""
        return decided(self.found, drawn=self.draws is not None)

    def sentences(self) -> list[Text]:
        """What to buy; which mix at which budget, and how far to believe it, line by line."""
        return [*self.decided, *answer_in_words(self.found), words(self.draws)]

    def messages(self) -> list[Text]:
        """That prices are assumed, and what could not be."""
        priced = Message("Where costs are in yuan, prices are assumed.")
        return [priced, *summary(len(self.found.front.samples.refused), self.gone, self.drawn)]

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        posterior = self.draws.key if self.draws else None
        about = {"asked": self.asked, "inputs": self.inputs, "posterior": posterior}
        return {"command": self.command, "key": self.key, **about}

    def answer(self) -> dict[str, Any]:
        """The front for programs: valued on fresh replications, and as the search saw it."""
        problem, front = self.found.problem, self.found.front
        units = {m: KNOWN_METRICS[m].unit for m in problem.simulated}
        return {
            "place": about_place(self.place),
            "seed": self.seed,
            **about_parameters(self.place, self.draws),
            "baseline": self.baseline,
            "budget": {"yuan": self.budget.yuan, "staff_hours": self.budget.staff_hours},
            "objectives": [{"name": o, "unit": units.get(o, f"{o} per year")} for o in problem.objectives],
            "choices": [{"name": v.name, "low": v.low, "high": v.high} for v in problem.variables],
            "replications": {"search": self.replications, "fresh": self.fresh_replications},
            "tried": front.tried,
            "all_tried": front.method is Method.ALL,
            "fresh": self.fresh,
            "front": self.front,
            "words": [str(line) for line in answer_in_words(self.found)],
            "impossible_draws": self.gone,
            "refused": len(front.samples.refused),
        }

    def write(self, folder: Path) -> None:
        """Write the tables with all digits, and the answer in the language in use."""
        for name, frame in self.tables().items():
            text = frame.to_csv(index=False, lineterminator="\n")
            write_atomically(folder / f"{name}.csv", text.encode())
        lines = "\n".join(joined(line) for line in answer_in_words(self.found))
        write_atomically(folder / "answer.txt", f"{lines}\n".encode())
