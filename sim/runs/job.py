"""The job of a run: replications of one place under one seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes import COLUMNS, outcomes
from sim.runs.fingerprint import code_digest
from sim.runs.rows import column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.trace import Trace

DIGEST_LAYER = "digest"  # rows that carry the digest of a replication's trace in the column `metric`


def canonical(place: Place) -> str:
    """The resolved scenario as JSON with sorted keys: one text for one scenario."""
    return json.dumps(place.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


def canonical_measures(measures: Sequence[Measure]) -> str:
    """Measures as one text, whatever their order; remarks are no part of them."""
    return json.dumps(sorted(m.model_dump_json(exclude={"note"}) for m in measures))


@dataclass(frozen=True)
class PlaceJob:
    """Replications of a place. Workers build the model once; only the place travels.

    `measures` are in force in place of those that the place reports (None: its practice). With a `posterior`,
    replication r has the parameters of draw r // per_draw, and round again when the draws are used up. Draws that are
    `left_out` (rising numbers) are nobody's.
    """

    place: Place
    seed: int
    engine: str = "reference"
    measures: tuple[Measure, ...] | None = None
    posterior: ParameterDraws | None = None
    per_draw: int = 2
    left_out: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Names the results: the same key, the same numbers. Engine and workers are not part of it."""
        policy = "" if self.measures is None else f" policy={canonical_measures(self.measures)}"
        if self.posterior is not None:
            policy += f" posterior={self.posterior.key} per_draw={self.per_draw}"
        if self.left_out:
            policy += f" left_out={self.left_out}"
        text = f"{canonical(self.place)} seed={self.seed}{policy} code={code_digest()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def prepare(self) -> Model | dict[int, Model]:
        """The model; of a posterior nothing yet: a draw's model is built when its first replication is run."""
        return build(self.place, self.measures) if self.posterior is None else {}

    def draw(self, replication: int) -> int:
        """The parameter draw that a replication belongs to, from 1; 0 without a posterior."""
        if self.posterior is None:
            return 0
        draw = 1 + replication // self.per_draw % (self.posterior.count - len(self.left_out))
        for number in self.left_out:
            draw += number <= draw
        return draw

    def _model(self, prepared: Any, replication: int) -> Model:
        if self.posterior is None:
            found: Model = prepared
            return found
        draw = self.draw(replication)
        if draw not in prepared:
            prepared.clear()
            measures = practice(self.place) if self.measures is None else self.measures
            prepared[draw] = build(*self.posterior.model(self.place, tuple(measures), self.seed, draw))
        model: Model = prepared[draw]
        return model

    def trace(self, model: Model, replication: int) -> Trace:
        """One replication's trace."""
        return simulator(self.engine)(model, Draws(self.seed, replication))

    def run(self, prepared: Any, replication: int) -> pa.Table:
        """One replication's outcomes as a long table, with the digest of its trace as a last row."""
        model = self._model(prepared, replication)
        trace = self.trace(model, replication)
        rows: list[tuple[str | float, ...]] = [*outcomes(trace, model, Draws(self.seed, replication))]
        rows.append((trace.digest(), DIGEST_LAYER, "", "", "", 0.0, np.nan))
        columns = zip(*rows, strict=True)
        return pa.table({name: column(values) for name, values in zip(COLUMNS, columns, strict=True)})


def trace_digests(table: pa.Table) -> bytes:
    """The digests of all traces of a table of outcomes, in the order of replications, one after the other."""
    digests = table["metric"].filter(pc.equal(table["layer"], DIGEST_LAYER))
    return "".join(digests.to_pylist()).encode()
