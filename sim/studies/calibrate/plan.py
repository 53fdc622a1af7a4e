"""A calibration that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any

from sim.language import Message, tr
from sim.runs.fingerprint import code_digest, model_digest
from sim.runs.posterior import Posterior, ReadingDraws, scenario_digest
from sim.scenario.copies import copied, valued
from sim.scenario.errors import UserError
from sim.scenario.lookup import names
from sim.scenario.metrics import READINGS
from sim.scenario.part import can_be_parted
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.studies.asked import once
from sim.studies.calibrate.by_register import register_of
from sim.studies.calibrate.found import Calibrated, PlaceCalibrated, Pooled
from sim.studies.calibration.fit import TIMES, Effort
from sim.studies.calibration.part_bias import parts_of
from sim.studies.calibration.place_calibration import calibrate_place
from sim.studies.calibration.pooled_places import PooledPlaces, calibrate_jointly
from sim.studies.calibration.register import Register
from sim.studies.calibration.soft import without_evidence
from sim.studies.county import County, Where, as_county
from sim.studies.dry_run import Cost, of_replications
from sim.studies.inputs import Inputs, inputs
from sim.studies.observe import Observed, ObservePlan
from sim.studies.observe import plan as observe
from sim.studies.overall import Overall
from sim.studies.question import question
from sim.studies.study import Work, key_of

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
    evidence: str = "national"
    correlation: float | None = None
    inputs: Inputs = field(default_factory=dict, repr=False)
    register: Register | None = None

    def key(self, number: int) -> str:
        """Names the answer of a place by all that decides it."""
        place, measures, parts = self.counties[number]
        asked: tuple[object, ...] = (self.readings, self.seed, self.effort, self.draws, self.repeats, parts)
        if self.register is not None:
            asked += (sorted(self.register.about.items()), self.register.form, self.register.wide)
        return key_of([scenario_digest(place, measures), code_digest(), *asked])

    @property
    def pooled_key(self) -> str:
        """Names what all places pool."""
        return key_of(["joint", *map(self.key, range(len(self.counties)))])

    @property
    def most(self) -> int:
        """The most replications that a place may take."""
        effort = Effort().scaled(self.effort)
        end = max(effort.last, effort.rounds * effort.wave + TIMES * effort.repeated)
        each = effort.prior + effort.waves * effort.wave + effort.particles + end
        return len(self.readings) * each

    def cost(self, workers: int) -> Cost:
        """What it would cost at most: all waves of a search for each reading, and the last ones.

        Of a place in parts one part is simulated, which is not taken into account.
        """
        worlds = [(place, measures, self.most) for place, measures, _ in self.counties]
        return of_replications(self.key(0), worlds, workers, at_most=True)

    def one(self, number: int, work: Work, stage: Stage = _unheard) -> PlaceCalibrated:
        """Calibrate a place; `stage` hears what the search is at."""
        place, measures, parts = self.counties[number]
        with work.progress(tr("replications, at most")) as report:
            overall = Overall(report, self.most)
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
                progress=overall,
                stage=stage,
                register=self.register,
            )
            overall.end()
        line = f"run_sim.py calibrate {place.name} --seed {self.seed} --effort {self.effort:g}"
        line += f" --parts {found.parts}" if found.parts > 1 else ""
        line += "" if self.correlation is None else f" --correlation {self.correlation:g}"
        line += " --evidence none" if self.evidence == "none" else ""
        line += f" --ledger {self.register.about['file']}" if self.register is not None else ""
        alone = (
            {**self.inputs, "places": [self.inputs["places"][number]], "joint": False} if self.inputs else {}
        )
        return PlaceCalibrated(found, self.effort, self.repeats, line, self.key(number), alone)

    def pooled(self, every: Sequence[PlaceCalibrated], work: Work, stage: Stage = _unheard) -> Pooled:
        """Pool what is human or statutory over the places, and predict each from the others."""
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

    def _posteriors(self, every: Sequence[PlaceCalibrated], pooling: PooledPlaces) -> Iterator[Posterior]:
        """Posteriors of the places from what they pool."""
        line = (
            f"run_sim.py calibrate {' '.join(p.name for p, _, _ in self.counties)} --joint --seed {self.seed}"
        )
        for one in every:
            c, name = one.calibration, one.place.name
            draws = {r: ReadingDraws.of(*pooling.draws[r, name], {}) for r in c.readings}
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
        pooling = None if pooled is None else pooled.pooling
        return Calibrated(tuple(every), pooling, self.seed, self.effort, self.inputs)


@question(Calibrated, Observed)
def calibrate(
    places: Sequence[Where] | Where = (),
    *,
    every: bool = False,
    reading: str = "both",
    seed: int = 1,
    effort: float = 1.0,
    draws: int = 200,
    repeats: int = 10,
    parts: int | str = 1,
    joint: bool = False,
    evidence: str = "national",
    correlation: float | None = None,
    ledger: str | Path | None = None,
    column: Mapping[str, str] | Sequence[str] = (),
    activity: Mapping[str, str] | Sequence[str] = (),
    kind: Mapping[str, str] | Sequence[str] = (),
    mapping: str | Path | None = None,
    sheet: str | None = None,
    site: str = "",
    encoding: str | None = None,
    first: date | str | None = None,
    last: date | str | None = None,
    written_down: float | Sequence[float] | None = None,
    observed: str | Sequence[str] = (),
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> CalibratePlan | ObservePlan:
    """Parameter draws that agree with what places reported. No posterior is kept; see `PlaceCalibrated.save_posterior`.

    `every` stands for all places by name, large ones by a part. `effort` times the usual number of replications;
    `draws` are kept and replicated `repeats` times each; `parts` is a number or auto; `evidence` none leaves out the
    soft targets of the place, and `correlation` stands in place of that of numbers of one name across tiers and kinds.

    `ledger` is the place's own register, with a row per dispute: its figures enter the same likelihood as the reported
    ones. It is read as `fit` reads it. `written_down` is the share of the known disputes that it holds, or a range
    (default: as little known as what a place records at all).

    With `observed`, the result of a study such as "call_back=83/100", nothing is calibrated: the draws of the posterior
    that the place has are weighed by it, and an `Observed` comes back.
    Raises UserError and ScenarioError for what cannot be.
    """
    places = [places] if isinstance(places, str | Path | County) else list(places)
    if observed:
        return _observed(places, observed, inputs(locals()))
    if every == bool(places):
        raise UserError(Message("name the places to calibrate, or say --all"))
    if every:
        places, parts, every = names("places"), "auto", False
    told = inputs(locals())
    loaded = [as_county(name).place for name in places]
    once([place.name for place in loaded], "calibrate")
    if correlation is not None:
        loaded = [with_correlation(place, correlation) for place in loaded]
    if evidence == "none":
        loaded = [without_evidence(place) for place in loaded]
    if joint and len(loaded) < 2:
        raise UserError(Message("--joint pools places; name two or more"))
    if ledger is not None and len(loaded) != 1:
        raise UserError(Message("--ledger is the register of one place; name one"))
    reading_of = {
        **{"column": column, "activity": activity, "kind": kind, "encoding": encoding, "mapping": mapping},
        **{"sheet": sheet, "site": site, "first": _day(first), "last": _day(last)},
    }
    if ledger is None and (written_down is not None or any(reading_of.values())):
        raise UserError(Message("options of how a register is read need one: --ledger FILE"))
    register = None if ledger is None else register_of(loaded[0], Path(ledger), written_down, reading_of)
    counties = tuple((p, tuple(practice(p)), _parts(parts, p, tuple(practice(p)))) for p in loaded)
    readings = tuple(READINGS) if reading == "both" else (reading,)
    asked = (counties, readings, seed, effort, draws, repeats, joint, evidence, correlation, told, register)
    return CalibratePlan(*asked)


def _observed(places: Sequence[Where], observed: str | Sequence[str], told: Inputs) -> ObservePlan:
    """The plan of a study's result. Raises UserError beside options of a calibration, none of which is done."""
    usual = {name: p.default for name, p in signature(plan).parameters.items()}
    free = {"places", "observed", "seed"}
    other = [name for name, value in told.items() if name not in free and value and value != usual[name]]
    if other or len(places) != 1:
        raise UserError(
            Message(
                "--observed goes into the posterior that one place has: name the place, and nothing else but --seed"
            )
        )
    return observe(places[0], observed, seed=int(told["seed"]), inputs=told)


def _day(told: date | str | None) -> date | None:
    """A day as Python or a manifest has it."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def with_correlation(place: Place, across: float) -> Place:
    """The place with another correlation of numbers of one name across tiers and kinds."""
    alike = place.alike
    if alike is None:
        raise UserError(Message("{place} says nothing of alike.across", place=place.name))
    return copied(place, {"alike": copied(alike, {"across": valued(alike.across, across)})})


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


plan = calibrate.plan
