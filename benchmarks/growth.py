"""(g) How other commands grow: many policies, a register of a million rows, an event log, a report of an exchange."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import sim
from benchmarks.measure import Row, seconds

PART = "g"
# None is in force in Daliu, where `+` would be refused.
ADDED = (
    "whistle",
    "household_visits",
    "judge_liaison",
    "rapid_response",
    "campaign",
    "circuit_court",
    "law_stations",
)
POLICIES = [*(f"+{a}" for a in ADDED), *(f"+{a}+{b}" for a, b in itertools.combinations(ADDED, 2))][:25]
EXCHANGE = """
schema_version: 1
design: comparison
name: small_exchange
title: {{en: A small exchange, zh: 小互换}}
about: For the time of its report.
places: [{places}]
baseline: practice
exchange: true
replications: 2
seed: 1
metrics: [days_in_conflict_per_1000, filings_per_10000, eruptions, crimes, staff_hours_total]
objective: days_in_conflict_per_1000
groups: false
"""


def measure(quick: bool = False) -> Iterator[Row]:
    """The rows of this part."""
    with tempfile.TemporaryDirectory() as folder:
        yield from compared(Path(folder), quick)
        yield from registers(Path(folder), quick)
        yield from event_logs(Path(folder), quick)
        yield from reports(Path(folder), quick)


def compared(folder: Path, quick: bool) -> Iterator[Row]:
    """Analysis of a comparison against its simulating: the second time all replications are found in the store."""
    policies, draws, replications = (POLICIES[:4], 4, 3) if quick else (POLICIES, 40, 50)

    def once() -> None:
        from sim.runs.executors.local import SerialExecutor
        from sim.studies.compare import plan
        from sim.studies.study import Work

        chosen = plan("daliu", policies, draws=draws, replications=replications)
        chosen.carry_out(Work(SerialExecutor(), folder / "store"))

    (first, _), (second, _) = seconds(once), seconds(once)
    n = len(policies)
    note = f"Daliu, {n} policies × {draws} draws × {replications} replications; processor time, one process"
    yield Row(PART, "comparison: simulating", first - second, "s", note=note)
    yield Row(PART, "comparison: reading what is stored, and analysis", second, "s")
    bar = None if quick else ("<=", 0.25)
    yield Row(PART, "analysis ÷ simulating", second / (first - second), "times", bar=bar)


def registers(folder: Path, quick: bool) -> Iterator[Row]:
    """`fit` of made-up registers of two rows a dispute."""
    costs = []
    for rows in (1_000, 2_000) if quick else (100_000, 1_000_000):
        path = folder / f"register-{rows}.csv"
        register(path, rows // 2)
        spent, _ = seconds(lambda path=path: sim.fit(path, persons=1_000_000, name="made_up"))  # type: ignore[misc]
        costs.append(spent / rows)
        yield Row(
            PART,
            f"fit of a register of {rows:,} rows",
            1e6 * costs[-1],
            "µs a row",
            note=f"{spent:.1f} s in all",
        )
    bar = None if quick else ("<=", 1.2)
    yield Row(
        PART, "cost of a row, the large register ÷ the small one", costs[1] / costs[0], "times", bar=bar
    )


def register(path: Path, disputes: int) -> None:
    """Disputes of 300 villages over three years, each known and settled or passed on after some weeks."""
    rng = np.random.default_rng(7)
    begun = np.datetime64("2021-01-01T08:00") + np.sort(rng.integers(0, 3 * 365 * 24 * 60, disputes))
    ended = begun + rng.integers(600, 60_000, disputes)
    village, kind = rng.integers(0, 300, disputes), rng.integers(0, 3, disputes)
    settled = rng.random(disputes) < 0.9
    kinds = ("family", "land", "neighbour")
    with path.open("w", encoding="utf-8") as file:
        file.write("case,activity,time,site,kind\n")
        for i in range(disputes):
            where, what = f"village {village[i] + 1}", kinds[kind[i]]
            end = "settled at village" if settled[i] else "passed to township"
            file.write(
                f"{i},known at village,{begun[i]},{where},{what}\n{i},{end},{ended[i]},{where},{what}\n"
            )


def event_logs(folder: Path, quick: bool) -> Iterator[Row]:
    """XES of a small and of the largest place."""
    costs = []
    for name in ("daliu", "jiang" if quick else "fengcheng"):
        traced = sim.trace(name, engine="compiled", warm_up=True)
        spent, path = seconds(lambda name=name, traced=traced: traced.export(folder / f"{name}.xes"))  # type: ignore[misc]
        events, size = len(traced.log), path.stat().st_size
        costs.append(spent / events)
        note = f"{events:,} events, {size / 2**20:.1f} MiB, {spent:.2f} s"
        yield Row(PART, f"XES of {name.capitalize()}", 1e6 * costs[-1], "µs an event", note=note)
    bar = None if quick else ("<=", 1.2)
    yield Row(PART, "cost of an event, the large log ÷ the small one", costs[1] / costs[0], "times", bar=bar)


def reports(folder: Path, quick: bool) -> Iterator[Row]:
    """The page of an exchange between two places, and between five."""
    costs = []
    for places in (("daliu", "jiang"),) if quick else (("daliu", "jiang"), sim.places()):
        file = folder / f"exchange{len(places)}.yaml"
        file.write_text(EXCHANGE.format(places=", ".join(places)), "utf-8")
        kept = sim.compare(file, posterior="none", workers=2).save(
            folder / f"exchange{len(places)}", figures=False
        )
        spent, page = seconds(lambda kept=kept: sim.report(kept, no_replay=True).html)  # type: ignore[misc]
        rows = effects(kept)
        costs.append(spent / rows)
        note = f"{rows:,} effects, {len(page) / 2**20:.1f} MiB, without figures and replay"
        yield Row(PART, f"report of an exchange between {len(places)} places", spent, "s", note=note)
    if len(costs) > 1:
        yield Row(
            PART,
            "cost of an effect, the large report ÷ the small one",
            costs[1] / costs[0],
            "times",
            bar=("<=", 1.2),
        )


def effects(folder: Path) -> int:
    """How many effects stand in the tables below a folder."""
    return sum(len(path.read_text("utf-8").splitlines()) - 1 for path in folder.rglob("effects.csv"))
