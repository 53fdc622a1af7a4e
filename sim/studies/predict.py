"""Figures that no fit has seen, predicted by calibrated places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text, marked, tr
from sim.runs.fingerprint import code_digest
from sim.runs.posterior import Posterior, fresh, path_of, scenario_digest
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.lookup import names
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.scenario.terms import Term
from sim.studies.asked import once
from sim.studies.calibration.held_out import HeldOut, held_out, predict_held_out
from sim.studies.county import County, Where, as_county
from sim.studies.inputs import Inputs, inputs
from sim.studies.question import question
from sim.studies.study import Study, Work, key_of


@dataclass(frozen=True)
class Predicted(Study):
    """Held-out predictions, with and without the mechanism that a figure is claimed for; a row per reading."""

    command: ClassVar[str] = "predict"
    digits: ClassVar[str] = "%.6g"
    rows: tuple[HeldOut, ...]
    without: tuple[Text, ...]
    seed: int
    key: str
    inputs: Inputs = field(default_factory=dict, repr=False)

    @property
    def frame(self) -> pd.DataFrame:
        """A row per figure and reading, with bands of 5, 50 and 95 %."""
        out = []
        for r in self.rows:
            bands = {f"with_{q}": x for q, x in zip(("p05", "p50", "p95"), r.with_it, strict=True)}
            bands |= {f"without_{q}": x for q, x in zip(("p05", "p50", "p95"), r.without, strict=True)}
            plain = {k: v for k, v in r.__dict__.items() if k not in ("with_it", "without")}
            out.append({**plain, **bands})
        return pd.DataFrame(out)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`held_out`."""
        return {"held_out": self.frame} if self.rows else {}

    def messages(self) -> list[Text]:
        """Places without such a figure."""
        return list(self.without)

    def manifest(self) -> dict[str, Any]:
        """What was predicted."""
        return {"command": self.command, "key": self.key, "seed": self.seed, "inputs": self.inputs}

    def answer(self) -> dict[str, Any]:
        """The predictions for programs."""
        return {"seed": self.seed, "calibrated": True, "figures": self.frame}


@dataclass(frozen=True)
class PredictPlan:
    """Places that have figures held out, with their posteriors; and those that have none."""

    chosen: tuple[tuple[Place, tuple[Measure, ...], Posterior], ...]
    without: tuple[Text, ...]
    seed: int
    inputs: Inputs = field(default_factory=dict, repr=False)
    folder: ClassVar[str] = "predict"

    @cached_property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        every = [[scenario_digest(p, m), posterior.text()] for p, m, posterior in self.chosen]
        return key_of([every, self.seed, code_digest()])

    @property
    def place(self) -> Place:
        """The first place that has such a figure."""
        return self.chosen[0][0]

    def opening(self, workers: int) -> str:
        """How many figures each place has."""
        said = marked("{place}: {n} held-out figure(s)")
        return "\n".join(tr(said, place=terms.title(p.title), n=len(held_out(p))) for p, _, _ in self.chosen)

    def carry_out(self, work: Work) -> Predicted:
        """Simulate with and without the mechanisms."""
        rows: list[HeldOut] = []
        for place, measures, posterior in self.chosen:
            with work.progress(tr("replications")) as report:
                rows += predict_held_out(
                    place, measures, posterior, executor=work.executor, seed=self.seed, progress=report
                )
        return Predicted(tuple(rows), self.without, self.seed, self.key, self.inputs)


@question(Predicted)
def predict(
    places: Sequence[Where] | Where = (),
    *,
    posterior: str = "auto",
    seed: int = 1,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> PredictPlan:
    """Held-out figures of calibrated places (default: all), with and without the mechanism they are claimed for."""
    places = [places] if isinstance(places, str | Path | County) else list(places)
    told = inputs(locals())
    chosen: list[tuple[Place, tuple[Measure, ...], Posterior]] = []
    without: list[Text] = []
    for name in list(places) or [n for n in names("places") if path_of(n).is_file()]:
        place = as_county(name).place
        measures = tuple(practice(place))
        if not held_out(place):
            without.append(Message("{place}: no figure is held out.", place=Term("word", place.name)))
            continue
        found = fresh(place, measures, None if posterior == "auto" else Path(posterior))
        if found is None:
            raise UserError(
                Message("{place} has no posterior; make one: run_sim.py calibrate {place}", place=place.name)
            )
        chosen.append((place, measures, found))
    once([place.name for place, _, _ in chosen], "predict")
    return PredictPlan(tuple(chosen), tuple(without), seed, told)


plan = predict.plan
