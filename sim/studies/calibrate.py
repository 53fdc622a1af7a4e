"""Parameter draws that agree with what places reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text, tr
from sim.runs.fingerprint import model_digest
from sim.runs.posterior import FOLDER, Posterior, ReadingDraws, scenario_digest
from sim.runs.store import write_atomically
from sim.scenario.copies import copied, valued
from sim.scenario.errors import UserError
from sim.scenario.lookup import names
from sim.scenario.metrics import READINGS
from sim.scenario.part import can_be_parted
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.scenario.terms import Term
from sim.studies.calibration.fit import Effort
from sim.studies.calibration.parts import parts_of
from sim.studies.calibration.soft import without_evidence
from sim.studies.calibration.together import Together, calibrate_jointly
from sim.studies.calibration.whole import Calibration, calibrate_place
from sim.studies.county import Where, about_place, as_county
from sim.studies.study import Sketch, Study, Work, key_of, working

Stage = Callable[[Message], None]


def _unheard(text: Message) -> None:
    """Say nothing of the stages of a search."""


@dataclass(frozen=True)
class PlaceCalibrated(Study):
    """A place's posterior under each reading, with all that was found on the way. `command_line` makes it again."""

    command: ClassVar[str] = "calibrate"
    calibration: Calibration = field(repr=False)
    effort: float
    repeats: int
    command_line: str

    @property
    def place(self) -> Place:
        """The place."""
        return self.calibration.place

    @property
    def complaints(self) -> list[Message]:
        """Failed diagnoses and misfits; read them first."""
        return [
            Message(
                "{place}, {reading}: {text}", place=Term("word", self.place.name), reading=name, text=text
            )
            for name, reading in self.calibration.readings.items()
            for text in reading.complaints
        ]

    @property
    def log_bayes_factor(self) -> tuple[float, float]:
        """Log evidence of proportional over target-driven recording, and its standard error."""
        return self.calibration.log_bayes_factor

    @property
    def passed(self) -> bool:
        """False where no simulated county agrees with the figures: there is no posterior then."""
        return all(len(reading.draws) for reading in self.calibration.readings.values())

    @property
    def whole(self) -> bool:
        """Whether there is a posterior under both readings, which other commands need."""
        return len(self.calibration.readings) == len(READINGS)

    @property
    def posterior(self) -> Posterior:
        """The parameter draws, as a posterior file holds them."""
        about = {"command": self.command_line, "effort": self.effort, "repeats": self.repeats}
        return self.calibration.posterior(about)

    def save_posterior(self) -> Path:
        """Keep it where other commands look: `scenarios/posteriors` in the current folder. The last one is kept
        beside it.
        """
        path = Path("scenarios") / FOLDER / f"{self.place.name}.json"
        if path.is_file():
            write_atomically(path.with_suffix(".json.previous"), path.read_bytes())
        self.posterior.save(path)
        return path

    def tables(self) -> dict[str, pd.DataFrame]:
        """See docs/calibration.md."""
        return self.calibration.tables()

    def figures(self) -> dict[str, Sketch]:
        """What the figures told, and what they could not."""
        return {"calibration": Sketch("calibration", {"found": self.calibration})}

    def messages(self) -> list[Text]:
        """The complaints."""
        return list(self.complaints)

    def manifest(self) -> dict[str, Any]:
        """How it was made."""
        digest = scenario_digest(self.place, self.calibration.measures)
        key = key_of([digest, model_digest(), self.command_line, self.repeats])
        return {"command": self.command, "key": key, "asked": self.command_line}

    def answer(self) -> dict[str, Any]:
        """All tables under the names of their files, and what was found under each reading."""
        return calibration_found(self.calibration)


@dataclass(frozen=True)
class Calibrated(Study):
    """The posteriors of one or more places, and what they say when pooled."""

    command: ClassVar[str] = "calibrate"
    places: tuple[PlaceCalibrated, ...]
    together: Together | None
    seed: int
    effort: float

    @property
    def one(self) -> PlaceCalibrated:
        """The only place. Raises UserError where there are several."""
        if len(self.places) != 1:
            raise UserError(Message("several places were calibrated; see `places`"))
        return self.places[0]

    @property
    def passed(self) -> bool:
        """Whether every place has a posterior."""
        return all(one.passed for one in self.places)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Those of the place; below the name of each where there are several; pooled ones below `joint`."""
        many = len(self.places) > 1
        found = {
            f"{one.place.name}/{name}" if many else name: frame
            for one in self.places
            for name, frame in one.tables().items()
        }
        if self.together is not None:
            found |= {"joint/shrinkage": self.together.shrinkage, "joint/left_out": self.together.foretold}
        return found

    def figures(self) -> dict[str, Sketch]:
        """One of each place."""
        many = len(self.places) > 1
        return {
            f"{one.place.name}/{name}" if many else name: sketch
            for one in self.places
            for name, sketch in one.figures().items()
        }

    def messages(self) -> list[Text]:
        """The complaints of all."""
        pooled = [] if self.together is None else self.together.complaints
        return [*(text for one in self.places for text in one.complaints), *pooled]

    def manifest(self) -> dict[str, Any]:
        """How it was made."""
        asked = [one.command_line for one in self.places]
        key = key_of([one.manifest()["key"] for one in self.places])
        return {"command": self.command, "key": key, "asked": asked}

    def answer(self) -> dict[str, Any]:
        """What was found for each place, and together."""
        joint = self.together
        pooled = None if joint is None else {"shrinkage": joint.shrinkage, "left_out": joint.foretold}
        return {
            "seed": self.seed,
            "effort": self.effort,
            "places": [one.answer() for one in self.places],
            "joint": pooled,
        }


def calibration_found(found: Calibration) -> dict[str, Any]:
    """All tables of a place under the names of their files, and what was found under each reading."""
    factor, se = found.log_bayes_factor
    return {
        "place": about_place(found.place),
        "replications": found.replications,
        "by_reading": {
            name: {
                "posterior": len(r.draws) > 0,
                "effective_sample_size": r.fit.weighted.ess,
                "tail_index": r.fit.weighted.k,
                "log_evidence": r.fit.weighted.log_evidence,
                "log_evidence_se": r.fit.weighted.log_evidence_se,
                "true_success_rate": r.draws.about["true_success_rate"],
                "complaints": r.complaints,
            }
            for name, r in found.readings.items()
        },
        "log_bayes_factor": factor,
        "log_bayes_factor_se": se,
        **found.tables(),
    }


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

    def each(self, work: Work, stage: Stage = _unheard) -> Iterator[PlaceCalibrated]:
        """Calibrate place after place; `stage` hears what a search is at."""
        for place, measures, parts in self.counties:
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
            line += "" if self.correlation is None else f" --correlation {self.correlation:g}"
            line += " --evidence none" if self.evidence == "none" else ""
            yield PlaceCalibrated(found, self.effort, self.repeats, line)

    def pooled(self, every: Sequence[PlaceCalibrated], work: Work, stage: Stage = _unheard) -> Together:
        """Pool what is human or statutory over the places, and foretell each from the others."""
        with work.progress(tr("replications")) as report:
            return calibrate_jointly(
                [one.calibration for one in every],
                work.store,
                executor=work.executor,
                seed=self.seed,
                chains=self.draws,
                progress=report,
                stage=stage,
            )

    def pooled_posteriors(self, every: Sequence[PlaceCalibrated], together: Together) -> Iterator[Posterior]:
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
        every = tuple(self.each(work))
        together = self.pooled(every, work) if self.joint and all(one.passed for one in every) else None
        return Calibrated(every, together, self.seed, self.effort)


def plan(
    places: Sequence[Where] = (),
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
) -> CalibratePlan:
    """Load the places, or every place there is. Raises UserError and ScenarioError for what cannot be."""
    if every == bool(places):
        raise UserError(Message("name the places to calibrate, or say --all"))
    if every:
        places, parts = names("places"), "auto"
    loaded = [as_county(name).place for name in places]
    if correlation is not None:
        loaded = [with_correlation(place, correlation) for place in loaded]
    if evidence == "none":
        loaded = [without_evidence(place) for place in loaded]
    if joint and len(loaded) < 2:
        raise UserError(Message("--joint pools places; name two or more"))
    counties = tuple((p, tuple(practice(p)), _parts(parts, p, tuple(practice(p)))) for p in loaded)
    readings = tuple(READINGS) if reading == "both" else (reading,)
    return CalibratePlan(counties, readings, seed, effort, draws, repeats, joint, evidence, correlation)


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


def calibrate(
    places: Sequence[Where] | Where,
    *,
    reading: str = "both",
    seed: int = 1,
    effort: float = 1.0,
    draws: int = 200,
    repeats: int = 10,
    parts: int | str = 1,
    joint: bool = False,
    evidence: str = "national",
    correlation: float | None = None,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> Calibrated:
    """Parameter draws that agree with what places reported. No posterior is kept; see `PlaceCalibrated.save_posterior`.

    `effort` times the usual number of replications; `draws` are kept and replicated `repeats` times each; `parts` is a
    number or auto; `evidence` none leaves out the soft targets of the place, and
    `correlation` stands in place of that of numbers of one name across tiers and kinds.
    Raises UserError and ScenarioError for what cannot be.
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
        evidence=evidence,
        correlation=correlation,
    )
    with working(workers, executor, scheduler) as work:
        return chosen.carry_out(work)
