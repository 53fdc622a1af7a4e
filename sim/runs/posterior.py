"""A posterior in a file: parameter draws of a place under each reading of its record, and where they come from.

The draws are normal scores of the prior: 0 is the value of a number, ±∞ are the ends of its range. They are kept to a
24th of a prior standard deviation, which is small against any posterior one, so that a file is small enough to commit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.runs.atomic_files import write_atomically
from sim.runs.case import canonical_measures
from sim.runs.fingerprint import model_digest
from sim.runs.points import WINDOW_END
from sim.runs.sealed import Damaged, read_sealed, sealed
from sim.scenario.errors import Fault, ScenarioError, shown
from sim.scenario.metrics import READINGS
from sim.scenario.parameter_draws import SCALE, ParameterDraws, Selectivity
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import shared_names, unknowns
from sim.scenario.shipped import shipped_root

Floats = NDArray[np.float64]
SCHEMA = 1
FOLDER = "posteriors"
IMPOSSIBLE = "-"  # among log weights: a draw that cannot be
LIMIT = 127  # the largest score in 24ths
REMARKS = {"note", "source", "sources", "title", "about", "status", "facts", "figures", "misfits"}


def scenario_digest(place: Place, measures: tuple[Measure, ...]) -> str:
    """Digest of all numbers of a place and of what is in force there; remarks and sources are no part of it."""
    text = json.dumps(_bare(place.model_dump(mode="json")), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{text} {canonical_measures(measures)}".encode()).hexdigest()[:16]


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(child) for key, child in node.items() if key not in REMARKS}
    return [_bare(child) for child in node] if isinstance(node, list) else node


@dataclass(frozen=True)
class ReadingDraws:
    """Draws under one reading: `scores` in 24ths, shape (draws, names); `about` are diagnostics and pinned means."""

    names: tuple[str, ...]
    scores: NDArray[np.int8]
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, names: tuple[str, ...], scores: Floats, about: Mapping[str, Any]) -> ReadingDraws:
        """From normal scores, rounded."""
        return cls(names, np.clip(np.round(scores * SCALE), -LIMIT, LIMIT).astype(np.int8), about)

    @property
    def normal(self) -> Floats:
        """The normal scores, shape (draws, names)."""
        return self.scores.astype(float) / SCALE

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class Posterior:
    """All that a posterior file holds. `about` says what it was made from and how."""

    place: str
    scenario: str
    code: str
    readings: Mapping[str, ReadingDraws]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> int:
        """Into how many parts the place was divided, of which one was simulated for draws and pinned means."""
        return int(self.about.get("parts", 1))

    def text(self) -> str:
        """The file, the same for the same posterior."""
        readings = {
            name: {
                "names": list(r.names),
                "draws": len(r),
                "scores": base64.b85encode(r.scores.tobytes()).decode("ascii"),
                "about": r.about,
            }
            for name, r in self.readings.items()
        }
        whole = {
            "schema_version": SCHEMA,
            "place": self.place,
            "scenario": self.scenario,
            "code": self.code,
            "about": self.about,
            "readings": readings,
        }
        return json.dumps(sealed(whole), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_atomically(path, self.text().encode())

    def stale(self, place: Place, measures: tuple[Measure, ...]) -> Text:
        """Why the posterior does not belong to a place as it is now; empty if it does."""
        if self.scenario != scenario_digest(place, measures):
            return Message("the scenario has changed since")
        return "" if self.code == model_digest() else Message("the model has changed since")

    def draws(self, reading: str = "both") -> ParameterDraws:
        """What a job carries."""
        chosen = READINGS if reading == "both" else (reading,)
        return ParameterDraws(
            tuple((r, self.readings[r].names, self.readings[r].scores.tobytes()) for r in chosen),
            _selectivity([self.readings[r] for r in chosen]),
        )


def _selectivity(readings: Sequence[ReadingDraws]) -> Selectivity | None:
    """How probable the draws are if records are selective in between; None where a file does not say."""
    known: list[Any] = [r.about["selectivity"] for r in readings if r.about.get("selectivity")]
    if len(known) < len(readings):
        return None
    at = tuple(float(x) for x in known[0]["at"])
    return at, tuple(tuple(_log_weights(line) for line in one["log_weights"]) for one in known)


def _log_weights(line: str) -> tuple[float | None, ...]:
    """Of each draw, None where it cannot be. Raises ValueError where a word is no number."""
    return tuple(None if word == IMPOSSIBLE else float(word) for word in line.split())


def path_of(place: str) -> Path:
    """Where the posterior of a place is: in the current folder's `scenarios` if there, else the shipped one."""
    own = Path("scenarios") / FOLDER / f"{place}.json"
    return own if own.is_file() else shipped_root() / FOLDER / f"{place}.json"


def load(path: Path) -> Posterior:
    """Read a file. Raises ScenarioError, with the command that makes a new one, if it cannot be used."""
    try:
        whole = read_sealed(path)
        if whole["schema_version"] != SCHEMA:
            raise ValueError(f"it has schema version {whole['schema_version']}, expected {SCHEMA}")
        readings = {name: _reading(name, part) for name, part in whole["readings"].items()}
        if not readings:
            raise ValueError("it has no reading")
        for key in ("place", "scenario", "code"):
            if not isinstance(whole[key], str):
                raise TypeError(f"{key} is no text")
        about = dict(whole["about"])
        if type(parts := about.get("parts", 1)) is not int or parts < 1:
            raise ValueError(f"it is of {parts!r} parts")
        return Posterior(whole["place"], whole["scenario"], whole["code"], readings, about)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = str(error) if isinstance(error, Damaged) else f"{type(error).__name__}: {error}"
        problem = Message("this is no posterior: {said}", said=said)
        remedy = Message("Make it anew: run_sim.py calibrate {stem}", stem=path.stem)
        if isinstance(error, OSError):
            problem = Message("cannot be read ({reason})", reason=error.strerror or error)
            remedy = Message("Check the name and your rights to read it.")
        raise ScenarioError([Fault(str(path), 0, "", problem, remedy)]) from error


def _reading(name: str, part: Mapping[str, Any]) -> ReadingDraws:
    """One reading of a file. Raises ValueError, KeyError or TypeError where its parts do not fit together."""
    if name not in READINGS:
        raise ValueError(f"there is no reading {name!r}")
    names, draws = tuple(part["names"]), part["draws"]
    if not names or not all(isinstance(n, str) for n in names):
        raise ValueError(f"the names of {name} are no list of texts")
    repeated = sorted({n for n in names if names.count(n) > 1})
    if repeated:
        raise ValueError(f"{name} has {repeated[0]} twice")
    if type(draws) is not int or draws < 1:
        raise ValueError(f"{name} has {draws!r} draws")
    raw = np.frombuffer(base64.b85decode(part["scores"]), dtype=np.int8)
    if len(raw) != draws * len(names):
        raise ValueError(f"{name} has {len(raw)} scores for {draws} draws of {len(names)} numbers")
    if raw.min() < -LIMIT:
        raise ValueError(f"{name} has a score of {raw.min()}, below -{LIMIT}")
    about = dict(part["about"])
    for figure, pin in dict(about.get("pinned", {})).items():
        if not (
            _is_number(pin["mean"]) and _is_number(pin["sd"]) and type(pin["n"]) is int and pin["n"] >= 1
        ):
            raise ValueError(f"the pinned mean of {figure} of {name} is none")
    if (over := about.get("selectivity")) is not None:
        lines = [_log_weights(line) for line in over["log_weights"]]
        fits = len(lines) == len(over["at"]) and all(len(line) == draws for line in lines)
        if not fits or not all(_is_number(x) for line in (over["at"], *lines) for x in line):
            raise ValueError(f"the weights over selectivity of {name} are none")
    return ReadingDraws(names, raw.reshape(draws, len(names)), about)


def _is_number(x: object) -> bool:
    """Whether a word of a file is a number, or null where there was none."""
    return x is None or (isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x))


def strangers(posterior: Posterior, place: Place, measures: Sequence[Measure]) -> list[str]:
    """Names in a posterior that are no unknown number of the place."""
    own = unknowns(place, measures)
    known = {*own, *shared_names(place, own), WINDOW_END}
    return sorted({n for reading in posterior.readings.values() for n in reading.names} - known)


def fresh(
    place: Place, measures: tuple[Measure, ...], path: Path | None = None, *, own: bool = False
) -> Posterior | None:
    """The posterior of a place; None if there is no file. Raises ScenarioError if it belongs to another model.

    `own` is a place from a file of the user's: one that bears the name of a shipped place, but is another, has none.
    """
    where = path or path_of(place.name)
    if path is None and not where.is_file():
        return None
    found = load(where)
    why = found.stale(place, measures)
    if why and own and path is None and where.resolve().is_relative_to(shipped_root().resolve()):
        return None
    if found.place != place.name:
        why = f"it is of {found.place}"
    if not why and (odd := strangers(found, place, measures)):
        why = f"{place.name} has no unknown number {shown(odd[0])}"
    if why:
        remedy = Message(
            "Renew it: run_sim.py calibrate {place}. Or use the prior ranges: --posterior none",
            place=place.name,
        )
        raise ScenarioError(
            [Fault(str(where), 0, "", Message("this posterior is stale: {why}", why=why), remedy)]
        )
    return found
