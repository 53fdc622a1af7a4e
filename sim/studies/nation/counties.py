"""What came out of the counties of a nation: totals over them, and the spread between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.nation import Counties, Floats, Ints, NationRun, varied_values
from sim.runs.outcomes import Outcomes
from sim.runs.readouts.county import CASES, COUNTED, DISPUTES, HOURS, ROWS
from sim.scenario.experiment import PER, Outside
from sim.scenario.metrics import KNOWN_METRICS, LABELS, Column
from sim.statistics.intervals import interval
from sim.statistics.quantiles import central
from sim.vocabulary import End

BLOCK = 128  # counties per row group of outcomes.parquet
_LOWER = ("hamlet", "village", "police", "township", "county", "decision", "court_mediation")
_UNSEEN = (End.SELF_SETTLED, End.LUMPED, End.WITHDRAWN)  # what may end before anybody knows


@dataclass(frozen=True)
class CountyOutcomes:
    """Counties that were run: their outcomes, a row for each county and replication, and their persons."""

    outcomes: Outcomes
    persons: Floats

    @classmethod
    def of(cls, outcomes: Outcomes, counties: Counties) -> CountyOutcomes:
        """Those of a run of `NationRun.case`, whose draws are the counties."""
        return cls(outcomes, counties.persons[outcomes.draw].astype(float))

    def __len__(self) -> int:
        return len(self.outcomes)

    @cached_property
    def keys(self) -> list[Column]:
        """The outcomes that counties have."""
        return [column for column in self.outcomes.columns if column.layer != COUNTED]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Column]:
        return {(key.metric, key.group): key for key in reversed(self.keys)}

    def column(self, metric: str, group: str = "") -> Floats:
        """One metric, NaN throughout where counties do not have it."""
        key = self._by_name.get((metric, group))
        return np.full(len(self), np.nan) if key is None else self.outcomes[key]

    def added(self, metric: str, tiers: tuple[str, ...]) -> Floats:
        """A count, added up over tiers; a tier that does not exist counts none."""
        found: Floats = np.nansum([self.column(metric, tier) for tier in tiers], axis=0)
        return found

    def counted(self, name: str, staff: str = "") -> Floats:
        """What is no outcome, see `readouts.county`."""
        return self.outcomes[Column(name, COUNTED, "", "staff" if staff else "", staff)]

    def whole(self, name: str) -> Ints:
        """The same as whole numbers."""
        return self.counted(name).astype(np.int64)


def _closings(t: CountyOutcomes) -> Floats:
    ends = sorted({key.metric for key in t.keys if key.metric.startswith("ended_")})
    return np.asarray(sum((t.added(name, (*_LOWER, "trial")) for name in ends), np.zeros(len(t))))


def _known_or_unseen(t: CountyOutcomes) -> Floats:
    """Disputes that became known, and those that ended before anybody knew: all ends of a kind less those at tiers."""
    names = [end.name.lower() for end in _UNSEEN]
    ended = sum(t.column(name) - t.added(f"ended_{name}", (*_LOWER, "trial")) for name in names)
    return np.asarray(t.column("known_disputes") + ended)


# What the rates of counties are weighted by (`per` of a metric) where that is no metric itself.
DENOMINATORS: dict[str, Callable[[CountyOutcomes, Column], Floats]] = {
    "persons": lambda t, key: t.persons,
    "cases": lambda t, key: t.counted(CASES),
    "closings": lambda t, key: _closings(t),
    "agreements": lambda t, key: t.added("ended_settled", _LOWER),
    "known_or_unseen": lambda t, key: _known_or_unseen(t),
    "available_hours": lambda t, key: t.counted(HOURS, key.group),
}


def weights_of(t: CountyOutcomes, key: Column) -> Floats:
    """By what the number of a county is weighted in that of the nation: its denominator, of the same group if it has
    any.

    A quantile, or a mean whose denominator nobody counts, has a stand-in: its total is called a weighted mean.
    """
    per = KNOWN_METRICS[key.metric].per
    if per in DENOMINATORS:
        return DENOMINATORS[per](t, key)
    return t.column(per, key.group if KNOWN_METRICS[per].by == key.by else "")


def total(t: CountyOutcomes, key: Column, chosen: Any) -> float:
    """The number of the nation for one key, from the counties `chosen` (an index)."""
    values, kind = t.column(key.metric, key.group)[chosen], KNOWN_METRICS[key.metric].total
    defined = ~np.isnan(values)
    if kind == "sum":
        return float(values[defined].sum())
    if not defined.any():
        return float("nan")
    if kind == "largest":
        return float(values[defined].max())
    weights = weights_of(t, key)[chosen][defined]
    return float((values[defined] * weights).sum() / weights.sum()) if weights.sum() > 0 else float("nan")


def summarise_nation(t: CountyOutcomes) -> pd.DataFrame:
    """One row per key: the nation's number, and the spread between counties.

    Columns: unit, how (`Metric.total`), nation (mean over replications), low and high (95 % t-interval of it, from
    two replications on), counties (in which it is defined), mean, sd, p05, p50, p95 (over counties and replications).
    """
    replications = t.outcomes.replication
    chosen = [replications == r for r in np.unique(replications)]
    rows = []
    for key in t.keys:
        found = interval([total(t, key, one) for one in chosen])
        values = t.column(key.metric, key.group)
        kept = values[~np.isnan(values)]
        p05, p50, p95 = central(kept)
        metric = KNOWN_METRICS[key.metric]
        rows.append(
            {
                **key.labels,
                "unit": metric.unit,
                "how": metric.total,
                "nation": found.mean,
                "low": found.low,
                "high": found.high,
                "counties": len(kept),
                "mean": float(kept.mean()) if len(kept) else np.nan,
                "sd": float(kept.std(ddof=1)) if len(kept) > 1 else np.nan,
                "p05": p05,
                "p50": p50,
                "p95": p95,
            }
        )
    return pd.DataFrame(rows)


def per_head(t: CountyOutcomes, outside: Outside, years: float) -> Floats:
    """The rate of each county in the unit of an outside figure."""
    return np.asarray(t.column(outside.metric) / t.persons * PER[outside.figure.unit] / years)


def beside_outside(t: CountyOutcomes, job: NationRun) -> pd.DataFrame:
    """The outside figures with the rates of the nation and of its counties."""
    years, rows = window_years(job), []
    for outside in job.nation.experiment.outside:
        rates = per_head(t, outside, years)
        nation = float(np.average(rates, weights=t.persons))
        p05, p50, p95 = central(rates)
        figure = outside.figure
        rows.append(
            {
                **{"name": outside.name, "metric": outside.metric, "unit": figure.unit, "nation": nation},
                **{"p05": p05, "p50": p50, "p95": p95},
                **{"outside_low": figure.low, "outside_high": figure.high},
                **{"source": figure.source, "note": outside.note},
            }
        )
    return pd.DataFrame(rows)


def window_years(job: NationRun) -> float:
    """Length of the window in years of 365 days."""
    window = job.nation.county.window
    return ((window.end - window.start).days + 1) / 365.0


def counties_table(job: NationRun, counties: Counties, t: CountyOutcomes) -> pd.DataFrame:
    """What was run, one row per replication and county: the inputs that differ, disputes, rows and trace."""
    replications, numbers = t.outcomes.replication, t.outcomes.draw
    frame = pd.DataFrame({"replication": replications, "county": numbers})
    names = ("persons", "villages", "townships", "village_mediators", "township_mediators", "departments")
    for name in names:
        frame[name] = getattr(counties, name)[numbers]
    for path in counties.varied:
        frame[path] = varied_values(job.nation, counties, path)[numbers]
    return frame.assign(disputes=t.whole(DISPUTES), trace_rows=t.whole(ROWS), trace_digest=t.outcomes.digests)


def _blocks(t: CountyOutcomes) -> Iterator[pa.Table]:
    """The long table, some counties at a time: all of it would take a gigabyte."""
    words = [pa.array([key[i] for key in t.keys]).dictionary_encode() for i in range(len(LABELS))]
    every = t.outcomes
    for start in range(0, len(t), BLOCK):
        rows = slice(start, start + BLOCK)
        values = np.array([every[key][rows] for key in t.keys]).T
        texts = [
            pa.DictionaryArray.from_arrays(np.tile(w.indices.to_numpy(), len(values)), w.dictionary)
            for w in words
        ]
        who = {"replication": every.replication[rows], "county": every.draw[rows]}
        columns = {name: np.repeat(numbers, len(t.keys)) for name, numbers in who.items()}
        named = dict(zip(LABELS, texts, strict=True))
        yield pa.table({**columns, **named, "value": values.ravel()})


def write_outcomes(file: Any, t: CountyOutcomes) -> None:
    """The long table, as Parquet, into an open file."""
    writer: pq.ParquetWriter | None = None
    for block in _blocks(t):
        if writer is None:
            writer = pq.ParquetWriter(file, block.schema, compression="zstd", store_schema=False)
        writer.write_table(block)
    if writer is not None:
        writer.close()
