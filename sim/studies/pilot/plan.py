"""A trial that was asked about, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim.language import Message, tr
from sim.runs.case import Case
from sim.scenario import terms
from sim.scenario.checks_window import Problem, window_problems
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Coverage, Measure
from sim.scenario.prices import Prices, load_prices
from sim.studies.asked import metric
from sim.studies.county import Where, as_county
from sim.studies.dry_run import Cost, of_replications
from sim.studies.inputs import inputs
from sim.studies.net_benefit import values_of
from sim.studies.pilot.found import Asked, Piloted
from sim.studies.pilot.grid import (
    KINDS,
    LEAST,
    MONTHS,
    MOST_MONTHS,
    MOST_STEPS,
    STEPS,
    grid,
    kinds_of,
    sizes,
    whole,
)
from sim.studies.pilot.trials import contamination, look, samples_of
from sim.studies.pilot.worlds import HAPPENED, TOWNSHIPS, VILLAGES, cases, limits_of, longer, simulated
from sim.studies.pilot.worth import Stakes, by_metric, worth, yearly_cost
from sim.studies.posteriors import draws_for
from sim.studies.question import question
from sim.studies.study import Work, key_of

DRAWS, REPLICATIONS = 80, 2
YEARS = 5.0


@dataclass(frozen=True)
class PilotPlan:
    """A question that was checked."""

    asked: Asked
    prices: Prices

    @property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        return self.asked.key

    @property
    def folder(self) -> str:
        """By the name of the place."""
        return f"pilot-{self.asked.place.name}"

    @property
    def place(self) -> Place:
        """The place."""
        return self.asked.place

    @cached_property
    def cases(self) -> list[Case]:
        """The worlds."""
        return _cases(self.asked)

    def opening(self, workers: int) -> str:
        """How much will be run."""
        return tr(
            "{place}: {n} trials of {policy}, from {draws} draws of {replications} replications in {worlds} worlds",
            place=terms.title(self.place.title),
            n=len(self.asked.trials),
            policy=terms.policy(self.asked.policy),
            draws=self.asked.draws,
            replications=self.asked.replications,
            worlds=len(self.cases),
        )

    def cost(self, workers: int) -> Cost:
        """What it would cost: every draw in every world, over the longest trial and the year before it."""
        asked = self.asked
        each = asked.draws * asked.replications
        worlds = [(case.place, case.measures or (), each) for case in self.cases]
        return of_replications(self.key, worlds, workers)

    def carry_out(self, work: Work) -> Piloted:
        """Run what is missing, and look at every trial."""
        asked = self.asked
        many = asked.posterior.count if asked.posterior else 4 * asked.draws
        with work.progress(tr("replications")) as report:
            found = simulated(self.cases, range(1, many + 1), asked.draws, asked.replications, work, report)
        samples = samples_of(found, asked.posterior)
        with work.progress(tr("outcomes")) as report:
            designs, correlation, every = look(found, asked.trials, samples, asked.seed, report)
        touched = contamination(found, samples, asked.months)
        net = pd.DataFrame()
        if asked.values:
            cost = yearly_cost(self.cases[0], self.cases[1], self.prices, asked.months)
            net = worth(every, found, samples, Stakes(asked.values, cost, asked.years), asked.months)
        return Piloted(asked, designs, touched, correlation, net, found)


def _cases(asked: Asked) -> list[Case]:
    return cases(
        asked.place, asked.measures, asked.without, asked.start, asked.months, asked.seed, asked.posterior
    )


@question(Piloted)
def pilot(
    place: Where,
    policy: str,
    *,
    baseline: str = "practice",
    start: date | str | None = None,
    designs: str | Sequence[str] = ",".join(KINDS),
    villages: str | Sequence[int] | None = None,
    months: str | Sequence[int] = MONTHS,
    steps: str | Sequence[int] = STEPS,
    outcome: str = HAPPENED[-1],
    value: Mapping[str, object] | Sequence[str] | str = (),
    years: float = YEARS,
    prices: str | Path | None = None,
    draws: int = DRAWS,
    replications: int = REPLICATIONS,
    posterior: str = "auto",
    reading: str = "both",
    sets: Mapping[str, object] | Sequence[str] = (),
    seed: int = 1,
    workers: int | None = None,
) -> PilotPlan:
    """Which trial of a policy could show its effect: power, false alarms, bias and exaggeration of many designs.

    `start` (YYYY-MM-DD; default: the first day of the place's window) is the first day of the trial; `value` are yuan
    by outcome, as in `compare`. Raises UserError, ScenarioError.
    """
    told = inputs(locals())
    county = as_county(place, sets)
    one = county.place
    day = (
        one.window.start if start is None else date.fromisoformat(start) if isinstance(start, str) else start
    )
    long = whole(months, "--months", 1, MOST_MONTHS)
    _can_be(one, day, max(long))
    where = longer(one, day, max(long))
    without, measures = tuple(parse(baseline, where)), tuple(parse(policy, where))
    _only_adds(policy, measures, without)
    limits = limits_of(one)
    if limits[VILLAGES] < LEAST:
        raise UserError(
            Message("{place} has {n} villages; a trial takes {least} at least", place=one.name,
                    n=limits[VILLAGES], least=LEAST)
        )  # fmt: skip
    many = (
        sizes(limits[VILLAGES])
        if villages is None
        else whole(villages, "--villages", LEAST, limits[VILLAGES])
    )
    trials = grid(
        kinds_of(designs),
        many,
        long,
        whole(steps, "--steps", 2, MOST_STEPS),
        limits[TOWNSHIPS],
        limits[VILLAGES],
    )
    if not trials:
        raise UserError(
            Message("no trial can be made of these designs, villages, months and steps: townships need four of them, "
                    "pairs an even number of villages, and each step of a wedge a month")
        )  # fmt: skip
    judged = metric(outcome, "--outcome", HAPPENED)
    values = by_metric(values_of(value))
    drawn = draws_for(county.name, one, county.sets, posterior, reading)
    asked = Asked(
        one, county.name, policy, baseline, measures, without, day, tuple(trials), judged, values, years,
        min(draws, drawn.count) if drawn else draws, replications, drawn, seed, "", told,
    )  # fmt: skip
    return PilotPlan(_keyed(asked, told), load_prices(prices))


def _keyed(asked: Asked, told: Mapping[str, Any]) -> Asked:
    return replace(asked, key=key_of([told, [case.key for case in _cases(asked)]]))


def _only_adds(policy: str, measures: Sequence[Measure], without: Sequence[Measure]) -> None:
    """A trial puts something into villages that it chooses itself."""
    gone = [m.mechanism for m in without if m not in measures]
    if gone:
        raise UserError(
            Message(
                "{policy} takes away {name}. A trial puts something in place: to try out what it takes away, name the "
                "practice as the policy, and the place without it as --baseline",
                policy=policy,
                name=gone[0],
            )
        )
    new = [m for m in measures if m not in without]
    if not new:
        raise UserError(
            Message("{policy} adds nothing to the baseline that could be tried out", policy=policy)
        )
    for measure in new:
        if measure.coverage != Coverage() or measure.start or measure.stop:
            raise UserError(
                Message(
                    "{policy}: leave out where and when {name} acts (share, village, township, start, stop): that is "
                    "what a trial decides",
                    policy=policy,
                    name=measure.mechanism,
                )
            )


def _can_be(place: Place, start: date, months: int) -> None:
    """Raise UserError where the trial and the years before it are not in the years of a simulation."""
    try:
        problems = list(window_problems(longer(place, start, months)))
    except OverflowError:
        problems = [Problem((), Message("the periods leave the calendar"), "")]
    if problems:
        raise UserError(
            Message(
                "--start {start}, --months {months}: {problem}",
                start=start,
                months=months,
                problem=problems[0].problem,
            )
        )


plan = pilot.plan
