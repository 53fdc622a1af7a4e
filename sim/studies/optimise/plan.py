"""A search for the best mixes that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.language import Message, tr
from sim.runs.fingerprint import code_digest
from sim.runs.search import Search, until_known
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure
from sim.scenario.prices import Prices, load_prices
from sim.statistics.pareto import Budget, SearchUnavailable
from sim.studies.asked import TRUE
from sim.studies.asked import metrics as metrics_of
from sim.studies.county import Where, as_county
from sim.studies.dry_run import Cost, of_replications
from sim.studies.inputs import Inputs, inputs
from sim.studies.mixes import Choice, choices_of, problem_of
from sim.studies.optimise.answer import Answer, best_mixes
from sim.studies.optimise.found import Optimised
from sim.studies.posteriors import draws_for
from sim.studies.question import question
from sim.studies.study import Work, key_of

OBJECTIVES = "days_in_conflict_per_1000,eruptions,unresolved"


@dataclass(frozen=True)
class OptimisePlan:
    """A search that was checked. `there` is in force already, `choices` may be bought within the `budget`."""

    place: Place
    baseline: str
    there: tuple[Measure, ...]
    choices: tuple[Choice, ...]
    budget: Budget
    objectives: tuple[str, ...]
    replications: int
    fresh: int
    evaluations: int
    prices: Prices
    draws: ParameterDraws | None
    seed: int
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What was asked, as a manifest holds it."""
        return {
            "place": self.place.name,
            "choices": [f"{c.name}:{c.low}:{c.high}" if c.staff else c.name for c in self.choices],
            "baseline": self.baseline,
            "yuan": self.budget.yuan,
            "hours": self.budget.staff_hours,
            "objectives": list(self.objectives),
            "replications": self.replications,
            "fresh": self.fresh,
            "evaluations": self.evaluations,
            "posterior": self.draws.key if self.draws else None,
            "seed": self.seed,
        }

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        prices, place = self.prices.model_dump(mode="json"), self.place.model_dump(mode="json")
        there = [measure.model_dump(mode="json") for measure in self.there]
        return key_of([self.asked, place, there, prices, code_digest()])

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"optimise-{self.place.name}"

    def opening(self, workers: int) -> str:
        """How much will be run at most."""
        return tr(
            "{place}: {choices} choices, at most {mixes} mixes of {n} replications, then {fresh} fresh ones",
            place=terms.title(self.place.title),
            choices=len(self.choices),
            mixes=self.evaluations,
            n=self.replications,
            fresh=self.fresh,
        )

    def cost(self, workers: int) -> Cost:
        """What it would cost at most: every mix that may be tried, and as many of them again as the front may hold."""
        most = self.evaluations * (self.replications + self.fresh)
        return of_replications(self.key, [(self.place, self.there, most)], workers, at_most=True)

    def carry_out(self, work: Work) -> Optimised:
        """Search, and look again with fresh replications. UserError where an extra is missing."""
        drawn = self.draws.count if self.draws else 0
        search = Search(drawn, self.baseline, work.executor, work.store)
        try:
            found = until_known(lambda: self._attempt(search))
        except SearchUnavailable:
            raise UserError(
                Message(
                    "searching among more mixes than there are evaluations needs pymoo, which is an extra: "
                    "pip install 'village-disputes[optimise]'. With at least as many evaluations as mixes that can be "
                    "paid all of them are tried, and nothing has to be installed."
                )
            ) from None
        return Optimised(
            place=self.place,
            baseline=self.baseline,
            budget=self.budget,
            replications=self.replications,
            fresh_replications=self.fresh,
            seed=self.seed,
            draws=self.draws,
            found=found,
            gone=len(search.gone),
            drawn=search.draws,
            key=self.key,
            asked=self.asked,
            inputs=self.inputs,
        )

    def _attempt(self, search: Search) -> Answer:
        """Search over the draws that count so far."""
        problem = problem_of(
            self.place,
            self.there,
            self.choices,
            self.budget,
            self.objectives,
            self.prices,
            search,
            self.seed,
            self.draws,
        )
        return best_mixes(
            problem,
            replications=range(self.replications),
            fresh=range(self.replications, self.replications + self.fresh),
            evaluations=self.evaluations,
            seed=self.seed,
        )


@question(Optimised)
def optimise(
    place: Where,
    choices: Sequence[str] = (),
    *,
    baseline: str = "practice",
    yuan: float | None = None,
    hours: float | None = None,
    objectives: str | Sequence[str] = OBJECTIVES,
    replications: int = 20,
    fresh: int = 60,
    evaluations: int = 200,
    posterior: str = "auto",
    reading: str = "both",
    prices: str | Path | None = None,
    seed: int = 1,
    sets: Mapping[str, object] | Sequence[str] = (),
    workers: int | None = None,
) -> OptimisePlan:
    """The mixes of mechanisms and staff that no other beats under a budget in yuan or staff hours a year, or both.

    `choices` are mechanisms, and staff with a range such as `judges:-2:10`; none means every mechanism that the place
    lacks. At most `evaluations` mixes are tried on `replications` each, those of the front again on `fresh` others.
    Raises UserError and ScenarioError for what cannot be.
    """
    told = inputs(locals())
    if yuan is None and hours is None:
        raise UserError(Message("optimise needs a budget: --yuan 2000000, or --hours 5000, or both"))
    wanted = metrics_of(objectives, "--objectives", TRUE)
    county = as_county(place, sets)
    there = tuple(parse(baseline, county.place))
    return OptimisePlan(
        place=county.place,
        baseline=baseline,
        there=there,
        choices=choices_of(county.place, there, choices),
        budget=Budget(yuan, hours),
        objectives=tuple(wanted),
        replications=replications,
        fresh=fresh,
        evaluations=evaluations,
        prices=load_prices(prices),
        draws=draws_for(county.name, county.place, county.sets, posterior, reading),
        seed=seed,
        inputs=told,
    )


plan = optimise.plan
