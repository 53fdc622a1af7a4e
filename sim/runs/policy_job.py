"""The job of one policy in one place: replications of parameter draws, on the same disputes as every other policy."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes import outcomes
from sim.outcomes.cases import closed_cases, recorded
from sim.outcomes.groups import group_outcomes
from sim.outcomes.pools import unit_utilisation
from sim.outcomes.reading import read
from sim.outcomes.table import true
from sim.runs.fingerprint import code_digest
from sim.runs.job import canonical, canonical_measures
from sim.runs.rows import column
from sim.scenario.errors import ScenarioError
from sim.scenario.metrics import LABELS, READ, READINGS, RECORDED, TRUE, Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import drawn_measures, drawn_place

DRAW_SHIFT = 20  # a replication is numbered (parameter draw << 20) | its number in the draw
KEPT_MODELS = 4
IMPOSSIBLE = Column("impossible")  # of the only row of such a replication


def numbers(draws: int, replications: int) -> list[int]:
    """The replications of an experiment: each parameter draw with its own. One draw is that of the central values."""
    first = 0 if draws == 1 else 1
    return [(d << DRAW_SHIFT) | r for d in range(first, first + draws) for r in range(replications)]


def dealt(draws: ParameterDraws | None, replications: Sequence[int], gone: Collection[int] = ()) -> list[int]:
    """Replications dealt out to the draws of a posterior in turn, so that few of them already span it.

    `gone` are draws that get none.
    """
    if draws is None:
        return list(replications)
    kept = [d for d in range(1, draws.count + 1) if d not in gone]
    return [(kept[r % len(kept)] << DRAW_SHIFT) | (r // len(kept)) for r in replications]


@dataclass
class Prepared:
    """Models of the parameter draws that were used last."""

    models: dict[int, Model | None] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyJob:
    """Replications of a place under measures. Only place, measures and numbers travel; workers build the models."""

    place: Place
    measures: tuple[Measure, ...]
    seed: int
    engine: str = "compiled"
    groups: bool = True
    posterior: ParameterDraws | None = None

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them: the same key, the same numbers."""
        text = f"{canonical(self.place)} {canonical_measures(self.measures)} seed={self.seed} groups={self.groups}"
        drawn = f" posterior={self.posterior.key}" if self.posterior else ""
        return hashlib.sha256(f"policy {text}{drawn} code={code_digest()}".encode()).hexdigest()[:16]

    def prepare(self) -> Prepared:
        """Nothing yet: a draw's model is built when its first replication is run."""
        return Prepared()

    def possible(self, draw: int) -> Model | None:
        """The model of a parameter draw; None where staff lack the hours that the measures take under this draw."""
        try:
            return self.model(draw)
        except ScenarioError:
            if draw == 0:
                raise
            return None

    def model(self, draw: int) -> Model:
        """The model of a parameter draw, of the posterior if there is one; 0 are the central values.

        Raises ScenarioError where the numbers of the draw do not fit together.
        """
        if self.posterior is not None and draw > 0:
            return build(*self.posterior.model(self.place, self.measures, self.seed, draw))
        place = drawn_place(self.place, self.seed, draw)
        return build(place, drawn_measures(self.measures, self.seed, draw))

    def run(self, prepared: Any, replication: int) -> pa.Table:
        """Outcomes of one replication: of the place as a whole, of its staff, as recorded both ways, and by group."""
        draw = replication >> DRAW_SHIFT
        if draw not in prepared.models:
            while len(prepared.models) >= KEPT_MODELS:
                prepared.models.pop(next(iter(prepared.models)))
            prepared.models[draw] = self.possible(draw)
        model = prepared.models[draw]
        if model is None:
            return _table([(IMPOSSIBLE, 1.0)])
        luck = Draws(self.seed, replication)
        trace = simulator(self.engine)(model, luck)
        reading = read(trace)
        found = [o for o in outcomes(reading, model, luck) if o.layer == TRUE and o.by in ("", "staff")]
        if self.groups:
            found += group_outcomes(reading, model)
        found += unit_utilisation(reading, model, true)
        return _table([*((o.column, o.value) for o in found), *self._records(reading, model, luck)])

    def _records(self, reading: Any, model: Model, luck: Draws) -> list[tuple[Column, float]]:
        """The record under each reading of the figures."""
        spec = model.recording
        cases = closed_cases(reading, basis=spec.basis, counts_returns=spec.counts_returns)
        rows = []
        for name in READINGS:
            record = recorded(cases, reading.trace, model, luck, reading=name)
            values = (float(record.mediated), float(record.succeeded), record.rate)
            rows += [(Column(m, RECORDED, name), v) for m, v in zip(READ, values, strict=True)]
        return rows


def _table(rows: Sequence[tuple[Column, float]]) -> pa.Table:
    """A table of keys and values."""
    keys, values = zip(*rows, strict=True)
    words = {name: column([getattr(key, name) for key in keys]) for name in LABELS}
    return pa.table({**words, "value": column(values)})
