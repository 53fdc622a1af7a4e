"""A nation of counties: drawn around one typical county, and run one by one as the replications of one job.

A county is a pure function of (experiment, seed, its number): whatever differs between counties is the inverse of a
distribution at a keyed uniform. So county 17 is the same however many counties are run, and by however many workers.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes import Outcome, outcomes
from sim.outcomes.cases import closed_cases
from sim.outcomes.reading import Reading
from sim.runs.fingerprint import code_digest
from sim.runs.job import canonical
from sim.scenario.fields import changed, quantity_at
from sim.scenario.metrics import SERIES, Column
from sim.scenario.place import Place, Title
from sim.scenario.quantity import Quantity
from sim.trace import Trace

if TYPE_CHECKING:
    from sim.scenario.experiment import Nation

COUNTY_BITS = 16  # county k of replication r is replication (r << 16) | k of the job
COMPOSITION = 0xFFFFFFFF  # the replication whose luck makes the counties; no run gets that far
PER_PERSON = ("petition_officers", "decision_officers", "court_mediators", "judges")
SAMPLE_PERSONS = 2000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def number_of(replication: int, county: int) -> int:
    """The number under which a county of a replication is run and stored."""
    return (replication << COUNTY_BITS) | county


def county_of(number: int) -> tuple[int, int]:
    """Replication and county of a number."""
    return number >> COUNTY_BITS, number & ((1 << COUNTY_BITS) - 1)


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


def outcome_keys(rows: list[Outcome]) -> list[Column]:
    """What the rows of `outcomes` are about, curves left out."""
    return [r.column for r in rows if r.layer != SERIES]


@dataclass(frozen=True)
class Prepared:
    """What a worker keeps: the counties, and what the numbers of a county mean."""

    counties: Counties
    keys: list[Column]


@dataclass(frozen=True)
class NationJob:
    """Counties of a nation as replications of one job. Only the experiment travels to the workers."""

    nation: Nation
    seed: int
    engine: str = "compiled"

    @cached_property
    def key(self) -> str:
        """Names the results: the same key, the same counties. How many of them are run is not part of it."""
        experiment = json.dumps(
            self.nation.experiment.model_dump(mode="json"), sort_keys=True, ensure_ascii=False
        )
        text = f"{experiment} {canonical(self.nation.county)} seed={self.seed} code={code_digest()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def place(self) -> Place:
        """The typical county under the name of the experiment, for folders and figures."""
        experiment = self.nation.experiment
        return self.nation.county.model_copy(update={"name": experiment.name, "title": experiment.title})

    def prepare(self) -> Prepared:
        """Draw the counties, and find the names of their outcomes."""
        return Prepared(draw_counties(self.nation, self.seed), self.keys())

    def keys(self) -> list[Column]:
        """What the numbers of every county mean, in their order: read off a very small one."""
        base = self.nation.county
        small: dict[str, float | int] = {
            "population.persons": min(SAMPLE_PERSONS, int(base.population.persons)),
            "villages.count": 2,
            "townships.count": 1,
            "window.warm_up": 1,
        }
        model, draws = build(changed(base, small)), Draws(self.seed, 0)
        return outcome_keys(outcomes(simulator("reference")(model, draws), model, draws))

    def model(self, prepared: Prepared, number: int) -> Model:
        """The model of a county."""
        return build(county_place(self.nation, prepared.counties, county_of(number)[1]))

    def trace(self, model: Model, number: int) -> Trace:
        """The trace of a county."""
        return simulator(self.engine)(model, Draws(self.seed, number))

    def run(self, prepared: Prepared, number: int) -> pa.Table:
        """One county: a row with its outcomes as one list of numbers, and the digest of its trace."""
        model = self.model(prepared, number)
        trace = self.trace(model, number)
        reading = Reading(trace)
        rows = outcomes(reading, model, Draws(self.seed, number))
        if outcome_keys(rows) != prepared.keys:
            raise ValueError(f"county {county_of(number)[1]} has other outcomes than the typical county")
        values = [r.value for r in rows if r.layer != SERIES]
        return pa.table(
            {
                "values": pa.array([values], pa.list_(pa.float64())),
                "hours": pa.array([available_hours(model)], pa.list_(pa.float64())),
                "cases": pa.array([len(closed_cases(reading))], pa.int64()),
                "disputes": pa.array([len(trace.disputes)], pa.int64()),
                "rows": pa.array([len(trace.rows)], pa.int64()),
                "digest": pa.array([trace.digest()], pa.string()),
            }
        )


def available_hours(model: Model) -> list[float]:
    """Working hours of each staff group inside the window, for its utilisation in the whole nation."""
    pools, tables = model.pools, model.tables
    base = pools.calendar * (tables.days + 1)
    first, last = tables.warm_up // 1440, tables.horizon // 1440
    minutes = (pools.worked[base + last] - pools.worked[base + first]) * pools.servers
    hours = np.bincount(pools.group, weights=minutes, minlength=len(pools.groups)) / 60.0
    return [float(h) for h in hours]
