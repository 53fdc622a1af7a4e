"""The answer to what outcomes and choices hang on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from sim.language import Text
from sim.runs.case import Case
from sim.scenario.comparison import Cell, Design
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.studies.assemble import case_of
from sim.studies.county import about_parameters, about_place
from sim.studies.inputs import Inputs
from sim.studies.sensitivity.indices import ValueOfKnowing
from sim.studies.sensitivity.words import sentences_of
from sim.studies.study import Sketch, Study, key_of


@dataclass(frozen=True)
class Sensitivity(Study):
    """Indices of outcomes (`moved`), what knowing is worth (`known`, with two policies or more), and the ranges of what
    they hang on (`beside`). `chosen` are the outcomes that were asked for.
    """

    command: ClassVar[str] = "sensitivity"
    design: Design
    chosen: tuple[str, ...]
    moved: pd.DataFrame = field(repr=False)
    known: ValueOfKnowing | None
    beside: pd.DataFrame = field(repr=False)
    impossible: dict[str, int]
    remarks: tuple[Text, ...] = ()
    inputs: Inputs = field(default_factory=dict, repr=False)

    @property
    def cell(self) -> Cell:
        """Place and policy that outcomes are those of."""
        return self.design.cells[0]

    @property
    def objective(self) -> str:
        """The metric that policies are chosen by."""
        return self.design.comparison.objective

    def tables(self) -> dict[str, pd.DataFrame]:
        """`indices`, `prior_and_posterior`, and `information` where there is a choice."""
        frames = {"indices": self.moved, "prior_and_posterior": self.beside}
        return frames if self.known is None else {**frames, "information": self.known.frame}

    def figures(self) -> dict[str, Sketch]:
        """The indices, and what knowing is worth."""
        comparison = self.design.comparison
        data = {
            "moved": self.moved,
            "known": self.known,
            "objective": self.objective,
            "place": self.cell.place,
        }
        runs = {"draws": self.design.draws, "replications": comparison.replications}
        return {"sensitivity": Sketch("sensitivity", {**data, **runs})}

    def sentences(self) -> list[Text]:
        """What the objective and the choice hang on, and what of it is assumed."""
        return list(sentences_of(self.moved, self.known, self._statuses, self.objective))

    @property
    def _statuses(self) -> dict[str, str]:
        """How each number is known: of the place, and of the mechanisms in force under any policy."""
        found = dict(zip(self.beside["parameter"], self.beside["status"].astype(str), strict=True))
        for measure in (m for cell in self.design.cells for m in cell.measures):
            every = MECHANISMS[measure.mechanism].parameters() | dict(measure.parameters)
            found |= {f"{measure.mechanism}.{name}": str(q.status.value) for name, q in every.items()}
        return found

    def messages(self) -> list[Text]:
        """Parameter draws that count for none."""
        return list(self.remarks)

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        content = content_of(self.design, self.chosen)
        posterior = self.cell.posterior.key if self.cell.posterior else None
        about = {"asked": content, "inputs": self.inputs, "posterior": posterior}
        return {"command": self.command, "key": key_of(content), **about}

    def answer(self) -> dict[str, Any]:
        """Everything that was found, for programs."""
        known, comparison = self.known, self.design.comparison
        chosen_by: dict[str, Any] = {"metric": self.objective, "unit": KNOWN_METRICS[self.objective].unit}
        if known is not None:
            chosen_by |= {"best": known.best, "perfect": known.perfect}
        return {
            "place": about_place(self.cell.place),
            "policies": [c.policy for c in self.design.cells],
            "seed": comparison.seed,
            "draws": self.design.draws,
            "replications": comparison.replications,
            **about_parameters(self.cell.place, self.cell.posterior),
            "objective": chosen_by,
            **self.tables(),
            "impossible_draws": self.impossible,
        }


def cases_of(design: Design) -> list[Case]:
    """What is simulated."""
    return [case_of(cell, design.comparison) for cell in design.cells]


def content_of(design: Design, chosen: tuple[str, ...]) -> list[Any]:
    """All that decides an answer."""
    comparison = design.comparison
    keys = [case.key for case in cases_of(design)]
    return [keys, design.draws, comparison.replications, list(chosen), comparison.objective]
