"""What policies change: all on the same disputes, under the same random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import tr
from sim.model import build
from sim.runs.batch import pairs
from sim.runs.case import Case
from sim.runs.posterior import Reading
from sim.scenario import terms
from sim.scenario.comparison import Comparison, Design, is_comparison, load_comparison, made
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.scenario.prices import Prices, load_prices
from sim.studies.answer import Answer, answer, break_evens
from sim.studies.asked import metric, metrics, numbers
from sim.studies.assemble import case_of, place_panel, run_cases
from sim.studies.changed import FlowsOf, flows_of
from sim.studies.county import County, Where, about_parameters, about_place
from sim.studies.possible import too_often
from sim.studies.posteriors import of_design
from sim.studies.study import Sketch, Study, Work, key_of, working

NAMED = {"readings": "readings_of_record"}  # in answers for programs `readings` are those that an answer is for


@dataclass(frozen=True)
class PoliciesCompared(Study):
    """The answer of a comparison: for each of its places all tables, and what could not be compared."""

    command: ClassVar[str] = "compare"
    design: Design
    answers: tuple[Answer, ...] = field(repr=False)
    prices_file: str = "None"
    flows: tuple[tuple[FlowsOf, ...], ...] = field(default=(), repr=False)

    @property
    def comparison(self) -> Comparison:
        """What was compared, with how many draws and replications."""
        return self.design.comparison

    def _one(self) -> Answer:
        if len(self.answers) > 1:
            raise UserError("a comparison of several places has tables by place; see `tables()`")
        return self.answers[0]

    @property
    def effects(self) -> pd.DataFrame:
        """Paired differences to the baseline, with intervals that hold together."""
        return self._one().effects

    @property
    def choice(self) -> pd.DataFrame:
        """Policies by the objective: mean, rank, probability of being best, regret."""
        return self._one().choice

    @property
    def costs(self) -> pd.DataFrame:
        """What policies cost beside the baseline."""
        return self._one().costs

    @property
    def over_readings(self) -> pd.DataFrame:
        """Differences and ranks over P(proportional record); empty without a posterior of both readings."""
        return self._one().mixture

    @cached_property
    def left_out(self) -> dict[tuple[str, str], str]:
        """Why policies have no effects, by place and policy: they cannot be in force, or in too few draws."""
        found = dict(self.design.left_out)
        for one in self.answers:
            for policy, count in one.place.impossible.items():
                if policy not in one.place.labels:
                    found[one.place.cells[0].place.name, policy] = too_often(count, self.design.draws)
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables; below the name of the place where there are several."""
        if len(self.answers) == 1:
            return self.answers[0].tables()
        return {
            f"{one.place.cells[0].place.name}/{name}": frame
            for one in self.answers
            for name, frame in one.tables().items()
        }

    def figures(self) -> dict[str, Sketch]:
        """Of each place the differences and whose path changed; of an exchange the matrix, too."""
        found: dict[str, Sketch] = {}
        for i, one in enumerate(self.answers):
            base = f"{one.place.cells[0].place.name}/" if len(self.answers) > 1 else ""
            found[f"{base}forest"] = Sketch("forest", {"answer": one, "comparison": self.comparison})
            for flows in self.flows[i] if self.flows else ():
                found[f"{base}{flows.name}"] = Sketch("paths", {"flows": flows})
        if self.comparison.exchange:
            found["exchange"] = Sketch("exchange", {"study": self})
        return found

    def manifest(self) -> dict[str, Any]:
        """The comparison, its cells with the keys of their replications, and what was left out."""
        cells = [
            {
                "place": cell.place.name,
                "policy": cell.policy,
                "expression": cell.expression,
                "key": case_of(cell, self.comparison).key,
                "posterior": cell.posterior.key if cell.posterior and self.design.draws > 1 else None,
                "measures": [m.model_dump(mode="json") for m in cell.measures],
            }
            for cell in self.design.cells
        ]
        left_out = [{"place": p, "policy": policy, "why": why} for (p, policy), why in self.left_out.items()]
        key = _key(self.design, any(len(one.break_even) for one in self.answers), self.prices_file)
        return {
            "command": self.command,
            "key": key,
            "comparison": self.comparison.model_dump(mode="json"),
            "cells": cells,
            "left_out": left_out,
        }

    def answer(self) -> dict[str, Any]:
        """All tables of all places, under the names of their files."""
        comparison = self.comparison
        return {
            "design": "comparison",
            "name": comparison.name,
            "title": comparison.title,
            "seed": comparison.seed,
            "draws": self.design.draws,
            "replications": comparison.replications,
            "objective": comparison.objective,
            "places": [self._of_place(one) for one in self.answers],
        }

    def _of_place(self, one: Answer) -> dict[str, Any]:
        place, decision = one.place.cells[0].place, one.decision
        draws = one.place.cells[0].posterior if self.design.draws > 1 else None
        return {
            "place": about_place(place),
            "baseline": one.place.labels[0],
            "policies": one.place.labels[1:],
            **about_parameters(place, draws),
            **{NAMED.get(name, name): frame for name, frame in one.tables().items()},
            "decision": {
                "draws": decision.draws,
                "same_best": decision.same_best,
                "rank_correlation": decision.tau,
                "worth_of_knowing_parameters": max(0.0, decision.perfect),
                "worth_estimate": decision.perfect,
                "worth_se": decision.error[decision.regret.argmin()],
            },
            "left_out": [
                {"policy": policy, "why": why}
                for (name, policy), why in self.left_out.items()
                if name == place.name
            ],
            "impossible_draws": one.place.impossible,
        }


def _key(design: Design, break_even: bool, prices: str) -> str:
    cases = [case_of(cell, design.comparison).key for cell in design.cells]
    return key_of([design.comparison.model_dump(mode="json"), cases, break_even, prices])


@dataclass(frozen=True)
class ComparePlan:
    """A comparison that was checked: every policy can be in force, and its draws are known."""

    design: Design
    prices: Prices
    prices_file: str
    break_even: bool

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return _key(self.design, self.break_even, self.prices_file)

    @property
    def folder(self) -> str:
        """The name of the experiment, or of the place."""
        name = self.design.comparison.name
        return f"compare-{self.design.places[0]}" if name == "compare" else name

    @property
    def place(self) -> Place:
        """One that will be simulated."""
        return self.design.cells[0].place

    @property
    def cases(self) -> list[Case]:
        """What is simulated."""
        return [case_of(cell, self.design.comparison) for cell in self.design.cells]

    def opening(self, workers: int) -> str:
        """How much will be run, in a sentence."""
        return tr(
            "{title}: {places} place(s), {policies} policies in all, {draws} draw(s) of {n} replications, "
            "{workers} worker(s)",
            title=terms.title(self.design.comparison.title),
            places=len(self.design.places),
            policies=len(self.design.cells),
            draws=self.design.draws,
            n=self.design.comparison.replications,
            workers=workers,
        )

    def carry_out(self, work: Work) -> PoliciesCompared:
        """Run what is missing and analyse every place."""
        design, comparison = self.design, self.design.comparison
        wanted = pairs(design.draws, comparison.replications)
        with work.progress(tr("replications")) as report:
            outcomes = run_cases(
                self.cases, wanted, folder=work.store, executor=work.executor, progress=report
            )
        panels = [place_panel(design, outcomes, name) for name in design.places]
        answers = [answer(panel, comparison, self.prices) for panel in panels]
        if self.break_even:
            for one in answers:
                with work.progress(tr("replications")) as report:
                    one.break_even = break_evens(
                        one, design, work.store, executor=work.executor, progress=report
                    )
        flows = tuple(flows_of(one.place.cells, comparison, work) if work.figures else () for one in answers)
        return PoliciesCompared(design, tuple(answers), self.prices_file, flows)


def plan(
    place: Where,
    policies: Sequence[str] = (),
    *,
    baseline: str = "practice",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    replications: int | None = None,
    draws: int | None = None,
    metrics: str | Sequence[str] | None = None,
    objective: str | None = None,
    margin: Mapping[str, float] | Sequence[str] = (),
    break_even: bool = False,
    prices: str | Path | None = None,
    posterior: str = "auto",
    reading: Reading | str = "both",
) -> ComparePlan:
    """Check a comparison. Raises UserError and ScenarioError for what cannot be."""
    name, changes = _named(place, sets)
    if is_comparison(name):
        if policies:
            raise UserError("an experiment has its own policies; name a place to compare others")
        given = {"replications": replications, "draws": draws, "objective": objective}
        design = load_comparison(name, changes)
        chosen = {option: value for option, value in given.items() if value is not None}
        if chosen:
            design = replace(design, comparison=design.comparison.model_copy(update=chosen))
    else:
        design = _asked(name, policies, changes, baseline, seed, replications, draws, metrics, objective, margin)
    design = of_design(design, changes, posterior, reading)
    design = design.feasible(lambda cell: build(cell.place, cell.measures))
    return ComparePlan(design, load_prices(prices), str(prices), break_even)


def _named(place: Where, sets: Mapping[str, object] | Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The name or file of a place or an experiment, and what is changed in it."""
    if isinstance(sets, Mapping):
        sets = [f"{path}={value}" for path, value in sets.items()]
    if isinstance(place, County):
        return place.name, (*place.sets, *sets)
    return str(place), tuple(sets)


def _asked(
    name: str,
    policies: Sequence[str],
    sets: Sequence[str],
    baseline: str,
    seed: int,
    replications: int | None,
    draws: int | None,
    compared: str | Sequence[str] | None,
    objective: str | None,
    margin: Mapping[str, float] | Sequence[str],
) -> Design:
    """The comparison that the options describe."""
    options: dict[str, Any] = {"baseline": baseline, "seed": seed}
    if replications is not None:
        options["replications"] = replications
    if draws is not None:
        options["draws"] = draws
    known = metrics(compared, "--metrics") if compared else []
    if known:
        options["metrics"] = known
    if objective:
        options["objective"] = metric(objective, "--objective")
    elif known:
        options["objective"] = known[0]
    options["margins"] = numbers(margin, "--margin")
    return made([name], list(policies), name="compare", sets=list(sets), **options)


def compare(
    place: Where,
    policies: Sequence[str] = (),
    *,
    baseline: str = "practice",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    replications: int | None = None,
    draws: int | None = None,
    metrics: str | Sequence[str] | None = None,
    objective: str | None = None,
    margin: Mapping[str, float] | Sequence[str] = (),
    break_even: bool = False,
    prices: str | Path | None = None,
    posterior: str = "auto",
    reading: str = "both",
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> PoliciesCompared:
    """Policies on the same disputes under the same random numbers; or an experiment that compares, by name or file.

    With `draws`, `replications` are of each parameter draw, else in all (default 100). What ran before is not run again.
    Raises UserError and ScenarioError for what cannot be compared.
    """
    chosen = plan(
        place,
        policies,
        baseline=baseline,
        sets=sets,
        seed=seed,
        replications=replications,
        draws=draws,
        metrics=metrics,
        objective=objective,
        margin=margin,
        break_even=break_even,
        prices=prices,
        posterior=posterior,
        reading=reading,
    )
    with working(workers, executor, scheduler) as work:
        return chosen.carry_out(work)
