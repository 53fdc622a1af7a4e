"""A calibration that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.language import Message, tr
from sim.runs.fingerprint import code_digest, model_digest
from sim.runs.posterior import Posterior, ReadingDraws, scenario_digest
from sim.scenario.errors import UserError
from sim.scenario.metrics import READINGS
from sim.scenario.part import can_be_parted
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.studies.calibrate.found import Calibrated, PlaceCalibrated, Pooled
from sim.studies.calibration.fit import Effort
from sim.studies.calibration.parts import parts_of
from sim.studies.calibration.together import Together, calibrate_jointly
from sim.studies.calibration.whole import calibrate_place
from sim.studies.county import Where, as_county
from sim.studies.inputs import Inputs, inputs
from sim.studies.study import Work, key_of, working

Stage = Callable[[Message], None]


def _unheard(text: Message) -> None:
    """Say nothing of the stages of a search."""


@dataclass(frozen=True)
class CalibratePlan:
    """Places to calibrate, each with what is in force and its number of parts."""

    counties: tuple[tuple[Place, tuple[Measure, ...], int], ...]
    readings: tuple[str, ...]
    seed: int
    effort: float
    draws: int
    repeats: int
    joint: bool
    inputs: Inputs = field(default_factory=dict, repr=False)

    def key(self, number: int) -> str:
        """Names the answer of a place by all that decides it."""
        place, measures, parts = self.counties[number]
        asked = (self.readings, self.seed, self.effort, self.draws, self.repeats, parts)
        return key_of([scenario_digest(place, measures), code_digest(), *asked])

    @property
    def pooled_key(self) -> str:
        """Names what all places say together."""
        return key_of(["joint", *map(self.key, range(len(self.counties)))])

    def one(self, number: int, work: Work, stage: Stage = _unheard) -> PlaceCalibrated:
        """Calibrate a place; `stage` hears what the search is at."""
        place, measures, parts = self.counties[number]
        with work.progress(tr("replications")) as report:
            found = calibrate_place(
                place,
                measures,
                work.store,
                executor=work.executor,
                seed=self.seed,
                effort=Effort().scaled(self.effort),
                readings=self.readings,
                draws=self.draws,
                repeats=self.repeats,
                parts=parts,
                progress=report,
                stage=stage,
            )
        line = f"run_sim.py calibrate {place.name} --seed {self.seed} --effort {self.effort:g}"
        line += f" --parts {found.parts}" if found.parts > 1 else ""
        alone = (
            {**self.inputs, "places": [self.inputs["places"][number]], "joint": False} if self.inputs else {}
        )
        return PlaceCalibrated(found, self.effort, self.repeats, line, self.key(number), alone)

    def pooled(self, every: Sequence[PlaceCalibrated], work: Work, stage: Stage = _unheard) -> Pooled:
        """Pool what is human or statutory over the places, and foretell each from the others."""
        with work.progress(tr("replications")) as report:
            found = calibrate_jointly(
                [one.calibration for one in every],
                work.store,
                executor=work.executor,
                seed=self.seed,
                chains=self.draws,
                progress=report,
                stage=stage,
            )
        return Pooled(found, tuple(self._posteriors(every, found)), self.pooled_key, self.inputs)

    def _posteriors(self, every: Sequence[PlaceCalibrated], together: Together) -> Iterator[Posterior]:
        """Posteriors of the places from what they say together."""
        line = (
            f"run_sim.py calibrate {' '.join(p.name for p, _, _ in self.counties)} --joint --seed {self.seed}"
        )
        for one in every:
            c, name = one.calibration, one.place.name
            draws = {r: ReadingDraws.of(*together.draws[r, name], {}) for r in c.readings}
            about: dict[str, Any] = {"command": line}
            if c.parts > 1:
                about["parts"] = c.parts
            yield Posterior(name, scenario_digest(c.place, c.measures), model_digest(), draws, about)

    def carry_out(self, work: Work) -> Calibrated:
        """Calibrate all places, then pool them if that was asked for and all have a posterior."""
        every = tuple(self.one(number, work) for number in range(len(self.counties)))
        pooled = self.pooled(every, work) if self.joint and all(one.passed for one in every) else None
        return self.answer(every, pooled)

    def answer(self, every: Sequence[PlaceCalibrated], pooled: Pooled | None) -> Calibrated:
        """All that was found."""
        together = None if pooled is None else pooled.together
        return Calibrated(tuple(every), together, self.seed, self.effort, self.inputs)


def plan(
    places: Sequence[Where],
    *,
    reading: str = "both",
    seed: int = 1,
    effort: float = 1.0,
    draws: int = 200,
    repeats: int = 50,
    parts: int | str = 1,
    joint: bool = False,
) -> CalibratePlan:
    """Load the places. Raises UserError and ScenarioError for what cannot be."""
    told = inputs(locals())
    loaded = [as_county(name).place for name in places]
    if joint and len(loaded) < 2:
        raise UserError(Message("--joint pools places; name two or more"))
    counties = tuple((p, tuple(practice(p)), _parts(parts, p, tuple(practice(p)))) for p in loaded)
    readings = tuple(READINGS) if reading == "both" else (reading,)
    return CalibratePlan(counties, readings, seed, effort, draws, repeats, joint, told)


def _parts(wanted: int | str, place: Place, measures: Sequence[Measure]) -> int:
    """Into how many parts a place is divided. Raises UserError where that is not possible."""
    if wanted == "auto":
        return parts_of(place, measures)
    parts, villages = int(wanted), int(place.villages.count.value)
    if parts > 1 and not can_be_parted(measures):
        raise UserError(
            Message(
                "{place} cannot be divided: a measure names villages or townships by number; --parts 1",
                place=place.name,
            )
        )
    if parts > villages:
        raise UserError(
            Message(
                "{place} has {villages} villages and cannot have {parts} parts; --parts auto",
                place=place.name,
                villages=villages,
                parts=parts,
            )
        )
    return parts


def calibrate(
    places: Sequence[Where] | Where,
    *,
    reading: str = "both",
    seed: int = 1,
    effort: float = 1.0,
    draws: int = 200,
    repeats: int = 50,
    parts: int | str = 1,
    joint: bool = False,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> Calibrated:
    """Parameter draws that agree with what places reported. No posterior is kept; see `PlaceCalibrated.save_posterior`.

    `effort` times the usual number of replications; `draws` are kept and replicated `repeats` times each; `parts` is a
    number or auto. Raises UserError and ScenarioError for what cannot be.
    """
    listed = list(places) if isinstance(places, list | tuple) else [places]
    chosen = plan(
        listed,  # type: ignore[arg-type]
        reading=reading,
        seed=seed,
        effort=effort,
        draws=draws,
        repeats=repeats,
        parts=parts,
        joint=joint,
    )
    with working(workers, executor, scheduler) as work:
        return chosen.carry_out(work)
