"""A comparison that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.language import Message, tr
from sim.model import build
from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.runs.case import Case
from sim.scenario import terms
from sim.scenario.comparison import Cell, Comparison, Design, is_comparison, load_comparison, made
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.scenario.prices import Prices, load_prices
from sim.studies.asked import each, metric, metrics, numbers
from sim.studies.assemble import case_of, place_panel
from sim.studies.changed import changed, paths_of
from sim.studies.compare.answer import Answer, answer, break_evens
from sim.studies.compare.found import FLOW_REPLICATIONS, MOST_FLOWS, Flows, PoliciesCompared, answer_key
from sim.studies.county import Where, named
from sim.studies.dry_run import Cost, of_replications
from sim.studies.effect_intervals import not_precise
from sim.studies.inputs import Inputs, inputs
from sim.studies.net_benefit import Values, values_of
from sim.studies.posteriors import AUTO, of_design, without_theirs
from sim.studies.question import question
from sim.studies.study import Work

MOST_TIMES = 4  # as many replications as were begun with, where more are added


def _flows(cells: Sequence[Cell], comparison: Comparison, work: Work) -> tuple[Flows, ...]:
    """Whose path each policy changed against the first, the baseline; nothing where there are many policies."""
    if len(cells) - 1 > MOST_FLOWS:
        return ()
    cases = paths_of([case_of(cell, comparison) for cell in cells])
    with work.progress(tr("replications")) as report:
        every = changed(cases, FLOW_REPLICATIONS, executor=work.executor, folder=work.store, progress=report)
    found = []
    for i, (cell, flows) in enumerate(zip(cells[1:], every, strict=True), start=1):
        name = "paths" if len(cells) == 2 else f"paths_{i}"
        found.append(Flows(name, cell.policy, cell.place, comparison.seed, flows))
    return tuple(found)


@dataclass(frozen=True)
class ComparePlan:
    """A comparison that was checked: every policy can be in force, and its draws are known."""

    design: Design
    prices: Prices
    prices_file: str
    break_even: bool
    inputs: Inputs = field(default_factory=dict, repr=False)
    lost: tuple[str, ...] = ()  # places that were changed, so that their posterior is not used
    may_add: bool = (
        False  # replications, until Monte Carlo error is small beside what is unknown of the objective
    )
    values: Values = field(default_factory=Values)  # what outcomes are worth, where it is stated
    paths: bool = True  # whether it is found whose path each policy changes

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return answer_key(self.design, self.break_even, self.prices_file, self.values)

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

    def cost(self, workers: int) -> Cost:
        """What it would cost, without replications that are added where chance is not small."""
        design = self.design
        each = design.draws * design.comparison.replications
        few = self.paths and len(design.cells) // len(design.places) - 1 <= MOST_FLOWS
        extra = FLOW_REPLICATIONS if few else 0
        worlds = [(cell.place, cell.measures, each + extra) for cell in design.cells]
        return of_replications(self.key, worlds, workers)

    def carry_out(self, work: Work) -> PoliciesCompared:
        """Run what is missing and analyse every place."""
        design, answers = self._answered(self.design, work)
        most = MOST_TIMES * self.design.comparison.replications
        while self.may_add and 2 * design.comparison.replications <= most and _noisy(design, answers):
            more = {"replications": 2 * design.comparison.replications}
            longer = design.comparison.model_copy(update=more)
            design, answers = self._answered(replace(design, comparison=longer), work)
        comparison = design.comparison
        if self.break_even:
            for one in answers:
                with work.progress(tr("replications")) as report:
                    one.break_even = break_evens(
                        one, design, work.store, executor=work.executor, progress=report
                    )
        flows = tuple(_flows(one.place.cells, comparison, work) for one in answers) if self.paths else ()
        found = design, tuple(answers), self.prices_file, flows
        return PoliciesCompared(*found, self.break_even, self.inputs, self.key, self.lost, self.values)

    def _answered(self, design: Design, work: Work) -> tuple[Design, list[Answer]]:
        """Run what is missing of a design and analyse every place."""
        wanted = pairs(design.draws, design.comparison.replications)
        with work.progress(tr("replications")) as report:
            outcomes = run_cases(
                self.cases, wanted, folder=work.store, executor=work.executor, progress=report
            )
        panels = [place_panel(design, outcomes, name) for name in design.places]
        return design, [answer(panel, design.comparison, self.prices, self.values) for panel in panels]


def _noisy(design: Design, answers: Sequence[Answer]) -> bool:
    """Whether Monte Carlo error is not small beside what is unknown, in some effect on the objective."""
    objective = design.comparison.objective
    return design.draws > 1 and any(not_precise(one.effects, objective) for one in answers)


@question(PoliciesCompared)
def compare(
    place: Where,
    policies: str | Sequence[str] = (),
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
    value: Mapping[str, object] | Sequence[str] = (),
    posterior: str = "auto",
    reading: str = "both",
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> ComparePlan:
    """Policies on the same disputes under the same random numbers; or an experiment that compares, by name or file.

    With `draws`, `replications` are of each parameter draw, else in all (default 100; up to four times as many where
    Monte Carlo error is not small beside what is unknown of the objective). What ran before is not run again. `value`
    says what outcomes are worth, in yuan or hours of work: `["settled=800,suit=3000"]`, or a mapping; see
    docs/policies.md. Raises UserError and ScenarioError for what cannot be compared.
    """
    policies = each(policies)
    told = inputs(locals())
    name, changes = named(place, sets)
    if is_comparison(name):
        if policies:
            raise UserError(Message("an experiment has its own policies; name a place to compare others"))
        given = {"replications": replications, "draws": draws, "objective": objective}
        design = load_comparison(name, changes)
        chosen = {option: value for option, value in given.items() if value is not None}
        if chosen:
            design = replace(design, comparison=design.comparison.model_copy(update=chosen))
    else:
        design = _asked(
            name, policies, changes, baseline, seed, replications, draws, metrics, objective, margin
        )
    worth = values_of(value)
    design = of_design(design, changes, posterior, reading)
    design = design.feasible(lambda cell: build(cell.place, cell.measures))
    lost = without_theirs(design) if posterior == AUTO else ()
    may_add = replications is None and not is_comparison(name)
    return ComparePlan(design, load_prices(prices), str(prices), break_even, told, lost, may_add, worth)


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


plan = compare.plan
