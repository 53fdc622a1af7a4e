"""A loaded scenario, as notebooks and scripts hold it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.language import tr
from sim.scenario import terms
from sim.scenario.explain import explain, explain_measures
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import practice


@dataclass(frozen=True)
class County:
    """A loaded scenario: its name or file, and what was changed in it (`PATH=VALUE`)."""

    name: str
    place: Place
    sets: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """English and Chinese name; in Chinese that one alone."""
        return terms.title(self.place.title)

    @property
    def targets(self) -> pd.DataFrame:
        """The reported figures: metric, value, exactness, role, source, note."""
        columns = ("metric", "value", "exactness", "role", "source", "note")
        return pd.DataFrame([{c: getattr(t, c) for c in columns} for t in self.place.targets])

    @property
    def parameters(self) -> pd.DataFrame:
        """Every number: path, value, low, high, unit, status, source, note; those of its mechanisms included."""
        rows = [*explain(self.place), *explain_measures(practice(self.place))]
        columns = ("path", "value", "low", "high", "unit", "status", "source", "note")
        return pd.DataFrame([{c: getattr(r, c) for c in columns} for r in rows])

    def _repr_html_(self) -> str:
        window = self.place.window
        return tr(
            "{place}, {start} to {end}, {n} reported figures",
            place=f"<b>{html.escape(self.title)}</b>",
            start=window.start,
            end=window.end,
            n=len(self.targets),
        )


Where = County | str | Path


def places() -> list[str]:
    """Names of the places that `load` knows."""
    return names("places")


def load(name: str | Path, sets: Mapping[str, object] | Sequence[str] | None = None) -> County:
    """A place by name or file, with values changed: `load("liucheng", {"villages.mediators": 3})`.

    `sets` may be written as on the command line, too: `["villages.mediators=3"]`.
    """
    if isinstance(sets, Mapping):
        sets = [f"{path}={value}" for path, value in sets.items()]
    changes = tuple(sets or ())
    return County(str(name), load_place(name, changes), changes)


def as_county(county: Where, sets: Mapping[str, object] | Sequence[str] | None = None) -> County:
    """The county itself, or loaded by name or file; `sets` are added to what is changed in it already."""
    if not isinstance(county, County):
        return load(county, sets)
    if not sets:
        return county
    added = load(county.name, sets).sets
    return load(county.name, (*county.sets, *added))


def named(place: Where, sets: Mapping[str, object] | Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The name or file of a place or an experiment, and all that is changed in it."""
    changes = tuple(f"{p}={x}" for p, x in sets.items()) if isinstance(sets, Mapping) else tuple(sets)
    if isinstance(place, County):
        return place.name, (*place.sets, *changes)
    return str(place), changes


def about_place(place: Place) -> dict[str, object]:
    """Name, titles and window of a place, as answers for programs hold them."""
    window = place.window
    return {
        "name": place.name,
        "title": {"en": place.title.en, "zh": place.title.zh},
        "window": {"start": window.start, "end": window.end},
    }


def about_parameters(place: Place, draws: ParameterDraws | None) -> dict[str, object]:
    """Whether parameters come from a posterior, and the readings of the record that they are for."""
    readings = [reading for reading, _, _ in draws.parts] if draws else [place.recording.reading]
    return {"calibrated": draws is not None, "readings": readings}
