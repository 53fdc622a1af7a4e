"""The answer of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text
from sim.scenario.comparison import Comparison, Design
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.studies.assemble import case_of
from sim.studies.changed import Changed
from sim.studies.compare.answer import Answer
from sim.studies.county import about_parameters, about_place
from sim.studies.decision_words import taken_away
from sim.studies.effect_intervals import not_precise
from sim.studies.inputs import Inputs
from sim.studies.net_benefit import Values
from sim.studies.possible import too_often
from sim.studies.posteriors import lost, told_since
from sim.studies.study import Sketch, Study, key_of

NAMED = {
    "readings": "readings_of_record"
}  # in answers for programs `readings` are those that an answer is for


MOST_FLOWS = 6  # policies for which it is found whose path they change
FLOW_REPLICATIONS = 20


@dataclass(frozen=True)
class Flows:
    """Whose path a policy changes, at central values; `name` is that of its figure."""

    name: str
    policy: str
    place: Place
    seed: int
    found: Changed

    def table(self) -> pd.DataFrame:
        """Flows between different fates, and how many disputes were touched, enough to draw the figure again.

        Counts and days are per replication, but `touched` and `of`, disputes in all `replications`.
        """
        found = self.found
        return found.frame().assign(
            figure=self.name,
            policy=self.policy,
            seed=self.seed,
            touched=found.touched,
            of=found.disputes,
            replications=found.replications,
        )

    @classmethod
    def of(cls, table: pd.DataFrame, place: Place) -> Flows:
        """From the rows of one policy in a table."""
        first = table.iloc[0]
        return cls(str(first["figure"]), str(first["policy"]), place, int(first["seed"]), Changed.of(table))


def differences(
    effects: pd.DataFrame, place: Place, base: str, comparison: Comparison, calibrated: bool
) -> Sketch:
    """The figure of paired differences to a baseline."""
    data = {"effects": effects, "place": place, "base": base}
    return Sketch("forest", {**data, "comparison": comparison, "calibrated": calibrated})


def exchanged(
    effects: Sequence[tuple[Place, pd.DataFrame]],
    left_out: Mapping[tuple[str, str], Text],
    comparison: Comparison,
    calibrated: bool,
) -> Sketch:
    """The matrix of an exchange."""
    data = {"found": effects, "left_out": left_out}
    return Sketch("exchange", {**data, "comparison": comparison, "calibrated": calibrated})


@dataclass(frozen=True)
class PoliciesCompared(Study):
    """The answer of a comparison: for each of its places all tables, and what could not be compared."""

    command: ClassVar[str] = "compare"
    design: Design
    answers: tuple[Answer, ...] = field(repr=False)
    prices_file: str = "None"
    flows: tuple[tuple[Flows, ...], ...] = field(default=(), repr=False)
    break_even: bool = False
    inputs: Inputs = field(default_factory=dict, repr=False)
    asked: str = ""  # the key of what was asked, where replications were added
    lost: tuple[str, ...] = ()  # files of places whose posterior is not used
    values: Values = field(default_factory=Values)

    @property
    def comparison(self) -> Comparison:
        """What was compared, with how many draws and replications."""
        return self.design.comparison

    def _one(self) -> Answer:
        if len(self.answers) > 1:
            raise UserError(Message("a comparison of several places has tables by place; see `tables()`"))
        return self.answers[0]

    @property
    def effects(self) -> pd.DataFrame:
        """Differences to the baseline, with 90 % intervals and probabilities."""
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

    @property
    def over_selectivity(self) -> pd.DataFrame:
        """Differences and ranks from a record without selection to a target-driven one; empty without a posterior."""
        return self._one().selective

    @cached_property
    def left_out(self) -> dict[tuple[str, str], Text]:
        """Why policies have no effects, by place and policy: they cannot be in force, or in too few draws."""
        found: dict[tuple[str, str], Text] = dict(self.design.left_out)
        for one in self.answers:
            for policy, count in one.place.impossible.items():
                if policy not in one.place.labels:
                    found[one.place.cells[0].place.name, policy] = too_often(count, self.design.draws)
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables; below the name of the place where there are several."""
        found: dict[str, pd.DataFrame] = {}
        for i, one in enumerate(self.answers):
            part = f"{one.place.cells[0].place.name}/" if len(self.answers) > 1 else ""
            every = one.tables()
            if self.flows and self.flows[i]:
                every["paths"] = pd.concat([flows.table() for flows in self.flows[i]], ignore_index=True)
            found |= {f"{part}{name}": frame for name, frame in every.items()}
        return found

    def messages(self) -> list[Any]:
        """What a policy takes away unsaid, and where Monte Carlo error is not small yet."""
        found: list[Any] = [lost(file) for file in self.lost]
        for one in self.answers:
            cell = one.place.cells[0]
            found += told_since(cell.place.name, cell.posterior)
            found += [
                taken_away(j.option.name, j.option.takes_away)
                for j in one.decided.judged
                if j.option.takes_away
            ]
            noisy = not_precise(one.effects, self.comparison.objective)
            found += [noisy] if noisy else []
        return found

    def figures(self) -> dict[str, Sketch]:
        """Of each place the differences and whose path changed; of an exchange the matrix, too."""
        found: dict[str, Sketch] = {}
        for i, one in enumerate(self.answers):
            cell = one.place.cells[0]
            part = f"{cell.place.name}/" if len(self.answers) > 1 else ""
            calibrated = cell.posterior is not None
            found[f"{part}forest"] = differences(
                one.effects, cell.place, one.place.labels[0], self.comparison, calibrated
            )
            for flows in self.flows[i] if self.flows else ():
                found[f"{part}{flows.name}"] = Sketch("paths", {"flows": flows})
        if self.comparison.exchange:
            effects = [(one.place.cells[0].place, one.effects) for one in self.answers]
            calibrated = all(cell.posterior is not None for cell in self.design.cells)
            found["exchange"] = exchanged(effects, self.left_out, self.comparison, calibrated)
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
        key = self.asked or answer_key(self.design, self.break_even, self.prices_file, self.values)
        return {
            "command": self.command,
            "key": key,
            "comparison": self.comparison.model_dump(mode="json"),
            "cells": cells,
            "left_out": left_out,
            "inputs": self.inputs,
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
            "values": {**self.values.each, "in": self.values.unit} if self.values else None,
            "places": [self._of_place(one) for one in self.answers],
        }

    def _of_place(self, one: Answer) -> dict[str, Any]:
        place, decision = one.place.cells[0].place, one.decision
        draws = one.place.cells[0].posterior if self.design.draws > 1 else None
        return {
            "place": about_place(place),
            "baseline": one.place.labels[0],
            "policies": one.place.labels[1:],
            "in_words": [str(text) for text in one.decided.words],
            **about_parameters(place, draws),
            **{NAMED.get(name, name): frame for name, frame in one.tables().items() if name != "in_words"},
            "decision": {
                "draws": decision.draws,
                "same_best": decision.same_best,
                "rank_correlation": decision.tau,
                "worth_of_knowing_parameters": decision.perfect,
            },
            "left_out": [
                {"policy": policy, "why": why}
                for (name, policy), why in self.left_out.items()
                if name == place.name
            ],
            "impossible_draws": one.place.impossible,
        }


def answer_key(design: Design, break_even: bool, prices: str, values: Values) -> str:
    """Names an answer by all that decides it."""
    cases = [case_of(cell, design.comparison).key for cell in design.cells]
    stated = [dict(values.each), values.unit] if values else []
    return key_of([design.comparison.model_dump(mode="json"), cases, break_even, prices, *stated])
