"""A nation of counties: drawn around one typical county, and run one by one as the replications of one job.

A county is a pure function of (experiment, seed, its number): whatever differs between counties is the inverse of a
distribution at a keyed uniform. So county 17 is the same however many counties are run, and by however many workers.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.draws import Draws
from sim.runs.case import Case
from sim.runs.outcomes import Pair
from sim.scenario.fields import changed, quantity_at
from sim.scenario.parameter_draws import Drawn
from sim.scenario.place import Place, Title
from sim.scenario.policy import Measure, practice
from sim.scenario.quantity import Quantity

if TYPE_CHECKING:
    from sim.scenario.experiment import Nation

COMPOSITION = 0xFFFFFFFF  # the replication whose luck makes the counties; no run gets that far
PER_PERSON = ("petition_officers", "decision_officers", "court_mediators", "judges")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def apportion(total: int, weights: Floats, least: int = 0) -> Ints:
    """Whole numbers that add up to `total`, `least` each and the rest by weight (cumulative rounding)."""
    free = total - least * len(weights)
    edges = np.floor(np.concatenate([[0.0], np.cumsum(weights / weights.sum())]) * free + 0.5)
    edges[-1] = free
    whole = edges.astype(np.int64)
    return whole[1:] - whole[:-1] + least


def lognormal(u: Floats, cv: float) -> Floats:
    """Values with mean 1 and the given coefficient of variation, at uniforms."""
    variance = np.log1p(cv**2)
    return np.asarray(np.exp(np.sqrt(variance) * special.ndtri(u) - variance / 2))


@dataclass(frozen=True)
class Counties:
    """What tells the counties of a nation apart: one entry per county in every array.

    `village_mediators` and `township_mediators` are persons in the whole county. `varied` has a factor for each path
    of the experiment's `vary`, before the number is kept within its range.
    """

    persons: Ints
    villages: Ints
    townships: Ints
    village_mediators: Ints
    township_mediators: Ints
    departments: Ints
    varied: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.persons)


def draw_counties(nation: Nation, seed: int) -> Counties:
    """All counties of a nation. Totals are met to the last person, village and mediator."""
    totals, spread = nation.experiment.totals, nation.experiment.spread
    n = int(totals.counties)
    numbers = np.arange(n, dtype=np.int64)
    draws = Draws(seed, COMPOSITION)

    def factors(name: str, cv: Quantity) -> Floats:
        return lognormal(draws.column(zlib.crc32(name.encode()), 0, numbers), float(cv))

    persons = apportion(int(totals.persons), factors("persons", spread.persons), 1)
    smaller = factors("persons_per_village", spread.persons_per_village)
    villages = apportion(int(totals.villages), persons / smaller, 1)
    fewer = factors("villages_per_township", spread.villages_per_township)
    townships = _at_most(apportion(int(totals.townships), villages / fewer, 1), villages)
    per_committee = float(totals.mediators) / float(totals.committees)
    law = nation.county.villages.mediators
    per_village = per_committee * factors("mediators_per_village", spread.mediators_per_village)
    per_village = np.clip(per_village, float(law.low), float(law.high))
    in_villages = round(int(totals.villages) * per_committee)
    in_townships = round(int(totals.townships) * per_committee)
    rest = int(totals.mediators) - in_villages - in_townships
    extra = in_villages - int(totals.villages)  # one in every village, and the others by weight
    weights = np.maximum(villages * (per_village - 1.0), 1e-9)
    return Counties(
        persons=persons,
        villages=villages,
        townships=townships,
        village_mediators=villages + apportion(extra, weights),
        township_mediators=townships
        + apportion(in_townships - int(totals.townships), townships.astype(float)),
        departments=apportion(rest, persons.astype(float), 1),
        varied={v.path: factors(v.path, v.cv) for v in nation.experiment.vary},
    )


def _at_most(numbers: Ints, limits: Ints) -> Ints:
    """The same total with no number above its limit: what is over goes where most room is."""
    over = int(np.maximum(numbers - limits, 0).sum())
    numbers = np.minimum(numbers, limits)
    for _ in range(over):
        numbers[int(np.argmax((limits - numbers) / numbers))] += 1
    return numbers


def varied_values(nation: Nation, counties: Counties, path: str, chosen: Any = slice(None)) -> Floats:
    """A number of the typical county in each of the chosen counties: varied within its range; staff also per head."""
    number = quantity_at(nation.county, path)
    assert number is not None  # the experiment was checked
    factors = counties.varied.get(path, np.ones(len(counties)))[chosen]
    values: Floats = np.clip(float(number) * factors, float(number.low), float(number.high))
    if path.removeprefix("county.") in PER_PERSON:
        per_head = counties.persons[chosen] / float(nation.county.population.persons)
        values = np.maximum(1.0, np.round(values * per_head))
    return values


def county_place(nation: Nation, counties: Counties, k: int) -> Place:
    """County `k` as a place."""
    base = nation.county
    persons, villages, townships = (
        int(x[k]) for x in (counties.persons, counties.villages, counties.townships)
    )
    values: dict[str, float | int] = {
        "population.persons": persons,
        "villages.count": villages,
        "townships.count": townships,
        "villages.mediators": int(counties.village_mediators[k]) / villages,
        "townships.mediators": int(counties.township_mediators[k]) / townships,
        "county.departments": int(counties.departments[k]),
    }
    paths = counties.varied.keys() | {f"county.{name}" for name in PER_PERSON}
    values |= {
        path: varied_values(nation, counties, path, slice(k, k + 1))[0].item() for path in sorted(paths)
    }
    n = len(counties)
    place = changed(base, values)
    title = Title(en=f"County {k} of {n:,}", zh=f"第{k}县（共{n:,}）")
    return place.model_copy(update={"name": f"county_{k:05d}", "title": title})


@dataclass(frozen=True)
class CountyPoints:
    """The counties of a nation as points, numbered from 0. Only the experiment travels to the workers."""

    nation: Nation
    called: ClassVar[str] = "county"

    @cached_property
    def key(self) -> str:
        """See `Points`."""
        experiment = self.nation.experiment.model_dump(mode="json")
        return f"counties {json.dumps(experiment, sort_keys=True, ensure_ascii=False)}"

    def __getstate__(self) -> dict[str, Any]:
        return {"nation": self.nation}

    def drawn(self, seed: int) -> Counties:
        """The counties under a seed; those of the last one are kept."""
        kept: dict[int, Counties] = self.__dict__.setdefault("_drawn", {})
        if seed not in kept:
            kept.clear()
            kept[seed] = draw_counties(self.nation, seed)
        return kept[seed]

    def written(self, draw: int) -> bool:
        """See `Points`."""
        return True

    def where(self, draw: int) -> int:
        """See `Points`."""
        return draw

    def at(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """See `Points`."""
        county = county_place(self.nation, self.drawn(seed), draw)
        return county, practice(county)


@dataclass(frozen=True)
class NationRun:
    """Counties of a nation, each as often as there are replications."""

    nation: Nation
    seed: int
    engine: str = "compiled"

    @cached_property
    def case(self) -> Case:
        """What is simulated; its draws are the counties."""
        points = CountyPoints(self.nation)
        county = self.nation.county
        return Case(county, None, self.seed, "county", points, numbering="per county", engine=self.engine)

    @property
    def key(self) -> str:
        """Names the results: the same key, the same counties. How many of them are run is not part of it."""
        return self.case.key

    @property
    def place(self) -> Place:
        """The typical county under the name of the experiment, for folders and figures."""
        experiment = self.nation.experiment
        return self.nation.county.model_copy(update={"name": experiment.name, "title": experiment.title})

    @property
    def counties(self) -> Counties:
        """All counties of the nation."""
        points = self.case.points
        assert isinstance(points, CountyPoints)
        return points.drawn(self.seed)


def counties_of(counties: int, replications: int) -> list[Pair]:
    """The first counties of every replication."""
    return [(county, replication) for replication in range(replications) for county in range(counties)]
