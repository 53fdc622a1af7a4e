"""A case: what is simulated, and what is read off, under one key.

A replication of it is known by two numbers: the draw, which says at which point the parameters are (`points.py`), and
the replication. `stream` makes the number of its random stream of them; nothing else does.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import pyarrow as pa

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes.reading import Reading
from sim.runs.fingerprint import code_digest
from sim.runs.points import CENTRAL, Points, Prior
from sim.runs.readouts import DIGESTED, NOTHING, READOUTS, Seen
from sim.scenario.errors import ScenarioError
from sim.scenario.part import part_of
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.traces import Trace

KEPT_MODELS = 4  # that a process keeps: those that it used last

Pair = tuple[int, int]  # draw, replication
Numbering = Literal["through", "per draw", "per county"]


def stream(numbering: Numbering, draw: int, replication: int, copy: int = 0) -> int:
    """The number of the random stream of a replication: one for each, and the same in every version of the program.

    Replications are numbered `through` all draws, or anew in each. Copies of a replication have the luck of their
    record anew. Streams of different numberings may coincide; they are never used together.
    """
    number = {
        "through": replication,
        "per draw": (draw << 20) | replication,
        "per county": (replication << 16) | draw,
    }[numbering]
    return number + (copy << 24)


def canonical(place: Place) -> str:
    """The resolved scenario as JSON with sorted keys: one text for one scenario."""
    return json.dumps(place.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


def canonical_measures(measures: Sequence[Measure]) -> str:
    """Measures as one text, whatever their order; remarks are no part of them."""
    return json.dumps(sorted(m.model_dump_json(exclude={"note"}) for m in measures))


class Measured(NamedTuple):
    """What one replication gave: rows of its readout, and the digest of its trace where the readout keeps that.

    A replication that is impossible has no rows, but a reason.
    """

    rows: pa.Table
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Case:
    """A place under measures (None: its practice), with parameters at `points`, and the readout of its traces.

    `parts` above 1 simulates one of so many parts of the place. `options` are those of the readout, by name. Engine
    and `policy`, which is what messages call the measures, decide no result and are no part of the key.
    """

    place: Place
    measures: tuple[Measure, ...] | None
    seed: int
    readout: str = "policy"
    points: Points = field(default_factory=Prior)
    options: tuple[tuple[str, object], ...] = ()
    parts: int = 1
    numbering: Numbering = "per draw"
    engine: str = "compiled"
    policy: str = ""

    @property
    def in_force(self) -> tuple[Measure, ...]:
        """The measures."""
        return tuple(practice(self.place)) if self.measures is None else self.measures

    @cached_property
    def model_key(self) -> str:
        """Names the models by all that decides them."""
        text = f"{canonical(self.place)} {canonical_measures(self.in_force)} {self.points.key}"
        return hashlib.sha256(f"{text} parts={self.parts} seed={self.seed}".encode()).hexdigest()

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them: the same key, the same numbers."""
        text = f"{self.model_key} {self.readout} {sorted(self.options)} {self.numbering} code={code_digest()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def luck(self, draw: int, replication: int, copy: int = 0) -> Draws:
        """The random numbers of a replication."""
        return Draws(self.seed, stream(self.numbering, draw, replication, copy))

    def model(self, draw: int) -> Model:
        """The model at a point. Raises ScenarioError where the numbers do not fit together, or staff lack hours."""
        place, measures = self.points.at(self.place, self.in_force, self.seed, draw)
        return build(part_of(place, self.parts), measures)

    def impossible(self, draw: int) -> str:
        """Why there is no model at a point; empty if there is one. Raises ScenarioError if an analyst wrote it."""
        found = self._kept(draw)
        return found if isinstance(found, str) else ""

    def _kept(self, draw: int) -> Model | str:
        """The model of a point, or why there is none."""
        key = self.model_key, self.points.where(draw)
        if key in _models:
            _models.move_to_end(key)
            return _models[key]
        while len(_models) >= KEPT_MODELS:
            _models.popitem(last=False)
        try:
            found: Model | str = self.model(draw)
        except ScenarioError as error:
            if self.points.written(draw):
                raise
            found = str(error.faults[0].problem)
        _models[key] = found
        return found

    def trace(self, draw: int, replication: int) -> Trace:
        """The trace of one replication. Raises what `model` raises."""
        return simulator(self.engine)(self.model(draw), self.luck(draw, replication))

    def measure(self, draw: int, replication: int) -> Measured:
        """Simulate one replication and read it off. Raises ScenarioError where what an analyst wrote cannot be."""
        model = self._kept(draw)
        if isinstance(model, str):
            return Measured(pa.table({}), reason=model)
        if self.readout == NOTHING:
            return Measured(pa.table({}))
        trace = simulator(self.engine)(model, self.luck(draw, replication))
        seen = Seen(Reading(trace), model, lambda copy=0: self.luck(draw, replication, copy), self.parts)
        rows = READOUTS[self.readout](seen, **dict(self.options))
        return Measured(rows, trace.digest() if self.readout in DIGESTED else "")

    def label(self, draw: int, replication: int) -> str:
        """A replication in words."""
        where = [self.place.name, *([self.policy] if self.policy else [])]
        if draw != CENTRAL or self.points.called != "draw":
            where.append(f"{self.points.called} {draw}")
        return f"{', '.join(where)}, replication {replication}"


# In a process: the models that it used last, by the case's key of them and point; in place of one that cannot be, why.
_models: OrderedDict[tuple[str, Hashable], Model | str] = OrderedDict()


def forget_models() -> None:
    """Free the memory of the models that this process keeps."""
    _models.clear()
