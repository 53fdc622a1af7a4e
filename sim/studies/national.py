"""Results of a nation: totals over counties, the spread between them, and the files of a result folder."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.model.pools import STAFF_LEVEL
from sim.runs.nation import Counties, Floats, Ints, NationJob, county_of, varied_values
from sim.runs.sealed import sealed
from sim.runs.store import write_atomically
from sim.scenario.experiment import PER, Outside
from sim.scenario.metrics import KNOWN_METRICS, LABELS, Column
from sim.statistics.intervals import interval
from sim.statistics.quantiles import central
from sim.studies.results import FORMAT, MANIFEST, claim, finish, json_text
from sim.vocabulary import End

COMMAND = "nation"
BLOCK = 128  # counties per row group of outcomes.parquet
_LOWER = ("hamlet", "village", "police", "township", "county", "decision", "court_mediation")
_UNSEEN = (End.SELF_SETTLED, End.LUMPED, End.WITHDRAWN)  # what may end before anybody knows


@dataclass(frozen=True)
class Table:
    """Counties that were run, in the order of their numbers: `values` has a row for each and a column for each key."""

    keys: list[Column]
    values: Floats
    numbers: Ints
    persons: Floats
    hours: Floats  # available hours, by staff group
    cases: Floats
    disputes: Ints
    rows: Ints
    digests: list[str]

    def column(self, metric: str, group: str = "") -> Floats:
        """One metric, NaN throughout where counties do not have it."""
        for j, key in enumerate(self.keys):
            if (key.metric, key.group) == (metric, group):
                column: Floats = self.values[:, j]
                return column
        return np.full(len(self.values), np.nan)

    def added(self, metric: str, tiers: tuple[str, ...]) -> Floats:
        """A count, added up over tiers; a tier that does not exist counts none."""
        found: Floats = np.nansum([self.column(metric, tier) for tier in tiers], axis=0)
        return found


def read_table(table: pa.Table, keys: list[Column], counties: Counties) -> Table:
    """The rows of a nation's job as arrays."""
    numbers = table["replication"].to_numpy()
    n = len(numbers)
    persons = counties.persons[[county_of(int(number))[1] for number in numbers]]

    def flat(name: str) -> Floats:
        column = table[name].combine_chunks()
        out: Floats = column.flatten().to_numpy(zero_copy_only=False).reshape(n, -1)
        return out

    return Table(
        keys=keys,
        values=flat("values"),
        numbers=numbers,
        persons=persons.astype(float),
        hours=flat("hours"),
        cases=table["cases"].to_numpy().astype(float),
        disputes=table["disputes"].to_numpy(),
        rows=table["rows"].to_numpy(),
        digests=table["digest"].to_pylist(),
    )


def _closings(t: Table) -> Floats:
    ends = sorted({key.metric for key in t.keys if key.metric.startswith("ended_")})
    return np.asarray(sum((t.added(name, (*_LOWER, "trial")) for name in ends), np.zeros(len(t.values))))


def _known_or_unseen(t: Table) -> Floats:
    """Disputes that became known, and those that ended before anybody knew: all ends of a kind less those at tiers."""
    names = [end.name.lower() for end in _UNSEEN]
    ended = sum(t.column(name) - t.added(f"ended_{name}", (*_LOWER, "trial")) for name in names)
    return np.asarray(t.column("known_disputes") + ended)


# What the rates of counties are weighted by (`per` of a metric) where that is no metric itself.
DENOMINATORS: dict[str, Callable[[Table, Column], Floats]] = {
    "persons": lambda t, key: t.persons,
    "cases": lambda t, key: t.cases,
    "closings": lambda t, key: _closings(t),
    "agreements": lambda t, key: t.added("ended_settled", _LOWER),
    "known_or_unseen": lambda t, key: _known_or_unseen(t),
    "available_hours": lambda t, key: t.hours[:, list(STAFF_LEVEL).index(key.group)],
}


def weights_of(t: Table, key: Column) -> Floats:
    """By what the number of a county is weighted in that of the nation: its denominator, of the same group if it has
    any.

    A quantile, or a mean whose denominator nobody counts, has a stand-in: its total is called a weighted mean.
    """
    per = KNOWN_METRICS[key.metric].per
    if per in DENOMINATORS:
        return DENOMINATORS[per](t, key)
    return t.column(per, key.group if KNOWN_METRICS[per].by == key.by else "")


def total(t: Table, key: Column, chosen: Any) -> float:
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


def summarise_nation(t: Table) -> pd.DataFrame:
    """One row per key: the nation's number, and the spread between counties.

    Columns: unit, how (`Metric.total`), nation (mean over replications), low and high (95 % t-interval of it, from
    two replications on), counties (in which it is defined), mean, sd, p05, p50, p95 (over counties and replications).
    """
    replications = t.numbers >> 16
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


def per_head(t: Table, outside: Outside, years: float) -> Floats:
    """The rate of each county in the unit of an outside figure."""
    return np.asarray(t.column(outside.metric) / t.persons * PER[outside.figure.unit] / years)


def beside_outside(t: Table, job: NationJob) -> pd.DataFrame:
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


def window_years(job: NationJob) -> float:
    """Length of the window in years of 365 days."""
    window = job.nation.county.window
    return ((window.end - window.start).days + 1) / 365.0


def counties_table(job: NationJob, counties: Counties, t: Table) -> pd.DataFrame:
    """What was run, one row per replication and county: the inputs that differ, disputes, rows and trace."""
    replications, numbers = t.numbers >> 16, t.numbers & 0xFFFF
    frame = pd.DataFrame({"replication": replications, "county": numbers})
    names = ("persons", "villages", "townships", "village_mediators", "township_mediators", "departments")
    for name in names:
        frame[name] = getattr(counties, name)[numbers]
    for path in counties.varied:
        frame[path] = varied_values(job.nation, counties, path)[numbers]
    return frame.assign(disputes=t.disputes, trace_rows=t.rows, trace_digest=t.digests)


@dataclass(frozen=True)
class NationResult:
    """What was written, for who prints it and draws it."""

    folder: Path
    table: Table
    summary: pd.DataFrame
    outside: pd.DataFrame


def write_nation(
    folder: Path,
    job: NationJob,
    counties: Counties,
    replications: int,
    number: int,
    table: Table,
    run: dict[str, Any],
    engine: str = "auto",
    *,
    draw: Callable[[Table, NationJob, Path], None] | None = None,
) -> NationResult:
    """Write the files of a nation of which the first `number` counties were run; the manifest last.

    `draw` writes figures into a folder; they belong to a floor above this one.
    """
    summary, outside = summarise_nation(table), beside_outside(table, job)
    (folder / MANIFEST).unlink(missing_ok=True)
    claim(folder, job)
    write_atomically(folder / "outcomes.parquet", lambda file: _write_outcomes(file, table))
    _write_csv(folder / "counties.csv", counties_table(job, counties, table))
    _write_csv(folder / "summary.csv", summary)
    _write_csv(folder / "outside.csv", outside)
    if draw is not None:
        draw(table, job, folder / "figures")
    write_atomically(folder / "run.json", json_text(sealed(run)))
    manifest = {
        "format": FORMAT,
        "command": COMMAND,
        "key": job.key,
        "seed": job.seed,
        "engine": engine,
        "replications": replications,
        "counties": number,
        "trace_digest": hashlib.sha256("".join(table.digests).encode()).hexdigest(),
        "experiment": job.nation.experiment.model_dump(mode="json"),
        "county": job.nation.county.model_dump(mode="json"),
    }
    finish(folder, manifest)
    return NationResult(folder, table, summary, outside)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    text = io.StringIO()
    frame.to_csv(text, index=False, float_format="%.10g", lineterminator="\n")
    write_atomically(path, text.getvalue().encode())


def _blocks(t: Table) -> Iterator[pa.Table]:
    """The long table, some counties at a time: all of it would take a gigabyte."""
    words = [pa.array([key[i] for key in t.keys]).dictionary_encode() for i in range(len(LABELS))]
    for start in range(0, len(t.values), BLOCK):
        values = t.values[start : start + BLOCK]
        numbers = np.repeat(t.numbers[start : start + BLOCK], len(t.keys))
        texts = [
            pa.DictionaryArray.from_arrays(np.tile(w.indices.to_numpy(), len(values)), w.dictionary)
            for w in words
        ]
        columns = {"replication": numbers >> 16, "county": numbers & 0xFFFF}
        named = dict(zip(LABELS, texts, strict=True))
        yield pa.table({**columns, **named, "value": values.ravel()})


def _write_outcomes(file: Any, t: Table) -> None:
    writer: pq.ParquetWriter | None = None
    for block in _blocks(t):
        if writer is None:
            writer = pq.ParquetWriter(file, block.schema, compression="zstd", store_schema=False)
        writer.write_table(block)
    if writer is not None:
        writer.close()
