"""What was found when places were calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text
from sim.runs.posterior import Posterior
from sim.scenario.errors import UserError
from sim.scenario.metrics import READINGS
from sim.scenario.place import Place
from sim.scenario.terms import Term
from sim.studies.calibration.place_calibration import Calibration
from sim.studies.calibration.pooled_places import PooledPlaces
from sim.studies.county import about_place
from sim.studies.inputs import Inputs
from sim.studies.kept_posterior import keep
from sim.studies.study import Sketch, Study, key_of


@dataclass(frozen=True)
class PlaceCalibrated(Study):
    """A place's posterior under each reading, with all that was found on the way. `command_line` makes it again;
    `inputs` are what was asked.
    """

    command: ClassVar[str] = "calibrate"
    digits: ClassVar[str] = "%.6g"
    calibration: Calibration = field(repr=False)
    effort: float
    repeats: int
    command_line: str
    key: str
    inputs: Inputs = field(default_factory=dict, repr=False)

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
        about: dict[str, Any] = {"command": self.command_line, "effort": self.effort, "repeats": self.repeats}
        if self.calibration.register is not None:
            about["ledger"] = self.calibration.register.about
        return self.calibration.posterior(about)

    def save_posterior(self) -> Path:
        """Keep it where other commands look: `scenarios/posteriors` in the current folder. Every other one that was
        there is kept beside it, `.json.previous`, `.json.previous-2` and so on.
        """
        return keep(self.posterior)

    def write(self, folder: Path) -> None:
        """Tables, and the posterior if there is one."""
        super().write(folder)
        if self.passed:
            self.posterior.save(folder / "posterior.json")

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
        return {
            "command": self.command,
            "key": self.key,
            "of": "place",
            "place": self.place.name,
            "made_by": self.command_line,
            "inputs": self.inputs,
            **({"ledger": register.about} if (register := self.calibration.register) is not None else {}),
        }

    def answer(self) -> dict[str, Any]:
        """All tables under the names of their files, and what was found under each reading."""
        return calibration_found(self.calibration)


@dataclass(frozen=True)
class Pooled(Study):
    """Places pooled, with a posterior for each."""

    command: ClassVar[str] = "calibrate"
    digits: ClassVar[str] = "%.6g"
    pooling: PooledPlaces = field(repr=False)
    posteriors: tuple[Posterior, ...] = field(repr=False)
    key: str
    inputs: Inputs = field(default_factory=dict, repr=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """How far pooling moves each place, and whether the others predict it."""
        return {"shrinkage": self.pooling.shrinkage, "left_out": self.pooling.left_out}

    def messages(self) -> list[Text]:
        """Places whose chains still move."""
        return list(self.pooling.complaints)

    def manifest(self) -> dict[str, Any]:
        """How it was made."""
        return {"command": self.command, "key": self.key, "of": "joint", "inputs": self.inputs}

    def answer(self) -> dict[str, Any]:
        """The tables."""
        return {"shrinkage": self.pooling.shrinkage, "left_out": self.pooling.left_out}

    def write(self, folder: Path) -> None:
        """Tables and posteriors."""
        super().write(folder)
        for posterior in self.posteriors:
            posterior.save(folder / f"{posterior.place}.json")


@dataclass(frozen=True)
class Calibrated(Study):
    """The posteriors of one or more places, and what they say when pooled."""

    command: ClassVar[str] = "calibrate"
    places: tuple[PlaceCalibrated, ...]
    pooling: PooledPlaces | None
    seed: int
    effort: float
    inputs: Inputs = field(default_factory=dict, repr=False)

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
        if self.pooling is not None:
            found |= {"joint/shrinkage": self.pooling.shrinkage, "joint/left_out": self.pooling.left_out}
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
        pooled = [] if self.pooling is None else self.pooling.complaints
        return [*(text for one in self.places for text in one.complaints), *pooled]

    def manifest(self) -> dict[str, Any]:
        """How it was made."""
        key = key_of_all([one.key for one in self.places], self.pooling is not None)
        return {"command": self.command, "key": key, "of": "all", "inputs": self.inputs}

    def answer(self) -> dict[str, Any]:
        """What was found for each place, and for all pooled."""
        joint = self.pooling
        pooled = None if joint is None else {"shrinkage": joint.shrinkage, "left_out": joint.left_out}
        return {
            "seed": self.seed,
            "effort": self.effort,
            "places": [one.answer() for one in self.places],
            "joint": pooled,
        }


def key_of_all(keys: Sequence[str], pooled: bool) -> str:
    """The key of what several places' answers make up, with or without what they pool."""
    return key_of([*keys, pooled])


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
