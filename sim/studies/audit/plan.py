"""A call-back that was asked for, checked and carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from sim.language import Message, tr
from sim.model import build
from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.scenario import terms
from sim.scenario.comparison import Design, made
from sim.scenario.errors import UserError
from sim.scenario.metrics import OBJECTIVE
from sim.scenario.place import Place
from sim.scenario.prices import CallBackPrice, Prices, load_prices
from sim.studies.asked import each, metric
from sim.studies.assemble import case_of, place_panel
from sim.studies.audit.files import files_of
from sim.studies.audit.found import Audit, audit_key
from sim.studies.county import Where, named
from sim.studies.drawn_numbers import drawn_points
from sim.studies.inputs import Inputs, inputs
from sim.studies.posteriors import draws_for, of_design
from sim.studies.question import question
from sim.studies.study import Work

ODDS = (10.0, 20.0)
PROBABILITIES = (0.8, 0.9)
DRAWS, REPLICATIONS = 100, 2
FEWEST = 20  # draws: ten of each reading
MOST_ASKED = 100_000


@dataclass(frozen=True)
class AuditPlan:
    """A question that was checked; the first policy of the design is the baseline, whose record it is about."""

    design: Design
    prices: Prices
    wanted: tuple[tuple[float, float], ...]
    observed: tuple[int, int] | None
    inputs: Inputs = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return audit_key(self.design, self.wanted, self.observed, self.prices)

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"audit-{self.place.name}"

    @property
    def place(self) -> Place:
        """The place."""
        return self.design.cells[0].place

    def opening(self, workers: int) -> str:
        """How much will be run."""
        n = self.design.comparison.replications
        title = terms.title(self.place.title)
        return tr("{place}: {draws} draws × {n}", place=title, draws=self.design.draws, n=n)

    def carry_out(self, work: Work) -> Audit:
        """Run what is missing, and look at each draw."""
        design, comparison = self.design, self.design.comparison
        cases = [case_of(cell, comparison) for cell in design.cells]
        with work.progress(tr("replications")) as report:
            outcomes = run_cases(
                cases,
                pairs(design.draws, comparison.replications),
                folder=work.store,
                executor=work.executor,
                progress=report,
            )
        panel = place_panel(design, outcomes, self.place.name)
        points = drawn_points(panel, comparison.seed)
        files = files_of(panel, points, call_back_of(self.prices))
        found = Audit(design, panel, files, self.prices, self.wanted, self.observed, self.key, self.inputs)
        if self.observed is not None:
            try:
                found.files.weights(*self.observed)
            except ValueError:
                raise UserError(
                    Message("--observed: under no parameter draw are such answers possible")
                ) from None
        return found


def call_back_of(prices: Prices) -> CallBackPrice:
    """What a call-back takes. UserError where a file of prices does not say it."""
    if prices.studies is None:
        raise UserError(
            Message(
                "--prices: the file has no section `studies`; copy it from scenarios/national/prices.yaml"
            )
        )
    return prices.studies.call_back


def answers_of(asked: str | Sequence[int] | None) -> tuple[int, int] | None:
    """Yes and asked, from `83/100` or (83, 100). Raises UserError."""
    if asked is None or asked == "":
        return None
    found = re.fullmatch(r"(\d{1,6})\s*/\s*(\d{1,6})", asked.strip()) if isinstance(asked, str) else None
    if isinstance(asked, str) and found is None:
        raise UserError(Message("--observed: '{x}' is not YES/ASKED; write for example 83/100", x=asked))
    yes, n = (int(found[1]), int(found[2])) if found else (int(asked[0]), int(asked[1]))
    if not 0 <= yes <= n or not 0 < n <= MOST_ASKED:
        raise UserError(
            Message(
                "--observed: {yes} of {n} cannot be; write how many said yes, and of how many", yes=yes, n=n
            )
        )
    return yes, n


@question(Audit)
def audit(
    place: Where,
    policies: str | Sequence[str] = (),
    *,
    observed: str | Sequence[int] | None = None,
    baseline: str = "practice",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    objective: str = OBJECTIVE,
    odds: float | None = None,
    probability: float | None = None,
    draws: int = DRAWS,
    replications: int = REPLICATIONS,
    prices: str | Path | None = None,
    posterior: str = "auto",
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> AuditPlan:
    """How many closed files to ring so that the readings of the record are told apart, and what an answer tells.

    `observed` is "83/100" or (83, 100): of how many parties how many said that the matter is settled. Readings are as
    probable as each other before. What is then believed of the place, and of `policies`, is that of its draws with the
    likelihood of the answer as weights. Raises UserError and ScenarioError for what cannot be.
    """
    policies = each(policies)
    told = inputs(locals())
    answer = answers_of(observed)
    ratios = ODDS if odds is None else (float(odds),)
    if min(ratios) <= 1:
        raise UserError(Message("--odds: readings are separated at odds above 1, such as 10"))
    chances = PROBABILITIES if probability is None else (float(probability),)
    if draws < FEWEST:
        raise UserError(
            Message("--draws: fewer than {n} parameter draws tell too little of each reading", n=FEWEST)
        )
    known = load_prices(prices)
    call_back_of(known)
    name, changes = named(place, sets)
    design = made(
        [name],
        list(policies),
        name="audit",
        alone=True,
        sets=changes,
        baseline=baseline,
        seed=seed,
        metrics=[metric(objective, "--objective")],
        objective=objective,
        groups=False,
        draws=draws,
        replications=replications,
    )
    design = of_design(_not_more(design, name, changes, posterior), changes, posterior)
    design = design.feasible(lambda cell: build(cell.place, cell.measures))
    wanted = tuple((ratio, chance) for ratio in ratios for chance in chances)
    return AuditPlan(design, known, wanted, answer, told)


def _not_more(design: Design, name: str, changes: Sequence[str], posterior: str) -> Design:
    """With no more draws than a posterior has, where there is one."""
    found = draws_for(name, design.cells[0].place, changes, posterior)
    if found is None or found.count >= design.draws:
        return design
    fewer = design.comparison.model_copy(update={"draws": found.count})
    return replace(design, comparison=fewer)


plan = audit.plan
