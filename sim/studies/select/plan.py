"""A selection that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from sim.language import Message, tr
from sim.runs.case import Case
from sim.runs.impossible import nothing_left
from sim.runs.points import points_of
from sim.runs.search import Search, until_known
from sim.scenario import terms
from sim.scenario.comparison import Design, made
from sim.scenario.errors import UserError
from sim.scenario.metrics import OBJECTIVE, Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.statistics.selection import Allocation, Selection, kn, ocba
from sim.studies.asked import TRUE, each, metric
from sim.studies.county import Where, named
from sim.studies.inputs import Inputs, inputs
from sim.studies.posteriors import draws_for
from sim.studies.question import question
from sim.studies.select.found import Selected
from sim.studies.select.words import refusal
from sim.studies.study import Work, key_of

AHEAD = 20  # replications run at once for what a race asks one batch at a time


@dataclass(frozen=True)
class SelectPlan:
    """A selection that was checked. With `budget` it spends that many replications, else it races to `delta`."""

    design: Design
    draws: ParameterDraws | None
    objective: str
    seed: int
    better: Literal["lower", "higher"]
    delta: float | None
    alpha: float
    budget: int | None
    most: int | None
    batch: int
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def cases(self) -> dict[str, Case]:
        """What is simulated, by policy."""
        points, asked = points_of(self.draws), (("groups", False),)
        return {
            c.policy: Case(c.place, c.measures, self.seed, points=points, options=asked, policy=c.policy)
            for c in self.design.cells
        }

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What decides the answer beside its cases."""
        rule = {"delta": self.delta, "alpha": self.alpha, "most": self.most, "batch": self.batch}
        return {
            "place": self.place.name,
            "policies": list(self.cases),
            "objective": self.objective,
            "better": self.better,
            "seed": self.seed,
            "posterior": self.draws.key if self.draws else None,
            **({"budget": self.budget} if self.delta is None else rule),
        }

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return key_of([self.asked, [case.key for case in self.cases.values()]])

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"select-{self.place.name}"

    @property
    def place(self) -> Place:
        """The place."""
        return self.design.cells[0].place

    def opening(self, workers: int) -> str:
        """How many policies there are, and by what they are judged."""
        return tr(
            "{place}: {n} policies by {metric} ({unit})",
            place=terms.short_title(self.place.title),
            n=len(self.cases),
            metric=terms.metric(self.objective),
            unit=terms.unit_of(self.objective),
        )

    def carry_out(self, work: Work) -> Selected:
        """Race, or spend the budget. UserError where no procedure can choose among what is left."""
        search = Search(
            self.draws.count if self.draws else 0, self.design.cells[0].policy, work.executor, work.store
        )
        try:
            found = until_known(lambda: self._attempt(search))
        except ValueError as error:
            raise UserError(Message("select: {error}", error=error)) from None
        return Selected(
            self.place,
            self.objective,
            self.seed,
            self.draws,
            found,
            search.counts,
            tuple(search.left_out),
            search.looked,
            search.simulated,
            self.key,
            self.asked,
            self.inputs,
        )

    def _attempt(self, search: Search) -> Selection | Allocation:
        """Choose among the policies that are not left out so far."""
        names = [name for name in self.cases if name not in search.left_out]
        if len(names) < 2:
            worst = search.left_out[-1]
            raise nothing_left(worst, search.counts[worst], search.looked)
        columns = [Column(self.objective)]

        def simulate(system: int, replications: range) -> np.ndarray:
            case, ahead = self.cases[names[system]], -(-replications.stop // AHEAD) * AHEAD
            search.values(case, columns, range(ahead))
            found: np.ndarray = search.values(case, columns, replications)[0]
            return found

        self.check(len(names))
        if self.delta is None:
            return ocba(simulate, names, budget=self.budget or 0, better=self.better)
        return kn(
            simulate,
            names,
            delta=self.delta,
            alpha=self.alpha,
            better=self.better,
            batch=self.batch,
            most=self.most,
        )

    def check(self, systems: int) -> None:
        """Raise UserError where a selection among so many policies cannot begin."""
        budget = self.budget if self.delta is None else None
        refused = refusal(systems, budget=budget, most=self.most, batch=self.batch, alpha=self.alpha)
        if refused is not None:
            raise UserError(Message("select: {error}", error=refused))


@question(Selected)
def select(
    place: Where,
    policies: str | Sequence[str] = (),
    *,
    baseline: str = "practice",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    objective: str = OBJECTIVE,
    higher: bool = False,
    delta: float | None = None,
    alpha: float = 0.05,
    budget: int | None = None,
    most: int | None = None,
    batch: int = 5,
    posterior: str = "auto",
    reading: str = "both",
    workers: int | None = None,
) -> SelectPlan:
    """The best of the baseline and other policies by one metric; lower is better unless `higher`.

    With `delta`, in the metric's unit, they race until one is the best with probability 1 - `alpha`, if it is better
    than every other by `delta`; it gives up after `most` replications in all. With `budget` that many replications are
    spent where they tell most, and nothing is promised. Raises UserError and ScenarioError for what cannot be.
    """
    policies = each(policies)
    told = inputs(locals())
    if not policies:
        raise UserError(Message("select needs at least one policy beside the baseline, such as +whistle"))
    if (delta is None) == (budget is None):
        raise UserError(
            Message(
                "select takes --delta (the difference that matters) or --budget (replications), one of "
                "the two"
            )
        )
    objective = metric(objective, "--objective", TRUE)
    name, changes = named(place, sets)
    design = made([name], list(policies), name="select", sets=changes, baseline=baseline)
    draws = draws_for(name, design.cells[0].place, changes, posterior, reading)
    better: Literal["lower", "higher"] = "higher" if higher else "lower"
    chosen = SelectPlan(design, draws, objective, seed, better, delta, alpha, budget, most, batch, told)
    chosen.check(len(chosen.cases))
    return chosen


plan = select.plan
