"""(a) The full model: compiled against reference on Liucheng, and disputes per second on one core."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import Row, in_turn, row
from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes import outcomes
from sim.population import slots_of, village_counts
from sim.scenario.load import load_place
from sim.traces import Trace
from sim.vocabulary import EventKind

PART = "a"
SEED = 20230101
# Grievances come forward after 30 days on average and not after 90: the low end of the range that the scenario states.
# Then more than 60 % of them become known.
OPEN = ("detection.party_days=30",)
OVERLOAD = 1.2
TOWNSHIP = "township_mediators"
SHARE = f"working.{TOWNSHIP}.share"
# Those who wait leave in the end, and no queue grows, whatever the load: so nobody loses patience at the township here,
# withdraws, or goes to court from the queue.
PATIENT = (*OPEN, "tiers.township.patience_days=36500", "going.withdrawal_days=36500", "going.suit_rate=0")


@dataclass(frozen=True)
class Replication:
    """What one replication was, and processor seconds of its three steps."""

    latent: int
    known: int
    rows: int
    population: float
    simulating: float
    reading: float

    @property
    def seconds(self) -> float:
        """All of it: drawing, simulating, reading outcomes."""
        return self.population + self.simulating + self.reading


def replicate(
    model: Model, engine: str, number: int, seen: Callable[[Trace], Any] | None = None
) -> Replication:
    """One replication. Draws are evaluated where they are needed: all but the population's are in `simulating`."""
    simulate, clock = simulator(engine), time.process_time
    draws = Draws(SEED, number)
    start = clock()
    slots = slots_of(village_counts(model, draws))
    drawn = clock()
    trace = simulate(model, draws, slots)
    simulated = clock()
    outcomes(trace, model, draws)
    end = clock()
    if seen is not None:
        seen(trace)
    latent = int((trace.dispute_column("exists") == 1).sum())
    known = int(np.unique(trace.rows[trace.rows[:, 1] == EventKind.KNOWN, 2]).size)
    return Replication(latent, known, len(trace.rows), drawn - start, simulated - drawn, end - simulated)


def measure(quick: bool = False) -> Iterator[Row]:
    """All rows of part a."""
    yield from _against_reference(2 if quick else 7)
    model = build(load_place("liucheng", OPEN))
    yield from _one_core("full model", model, 3 if quick else 60, (400_000.0, 4e6), f"Liucheng, {OPEN[0]}")
    yield from _overloaded(3 if quick else 60)


def _against_reference(rounds: int) -> Iterator[Row]:
    model = build(load_place("liucheng"))
    for engine in ("compiled", "reference"):  # what is loaded once, off the clock
        simulator(engine)(model, Draws(SEED, 0), np.arange(50, dtype=np.int64))
    found: dict[str, list[Replication]] = {"compiled": [], "reference": []}
    repeats = 5

    def compiled(turn: int) -> None:
        many = [replicate(model, "compiled", turn) for _ in range(repeats)]
        found["compiled"].append(sorted(many, key=lambda x: x.seconds)[repeats // 2])

    def reference(turn: int) -> None:
        found["reference"].append(replicate(model, "reference", turn))

    in_turn({"compiled": compiled, "reference": reference}, dict.fromkeys(found, rounds))
    pairs = list(zip(found["reference"], found["compiled"], strict=True))
    note = (
        "Liucheng as it is: the same replications in turn, drawing and outcomes included, machine code loaded"
    )
    times = [r.seconds / c.seconds for r, c in pairs]
    yield row(PART, "compiled ÷ reference, whole replication", times, "times", bar=(">=", 50.0), note=note)
    simulating = [r.simulating / c.simulating for r, c in pairs]
    yield row(PART, "compiled ÷ reference, simulating alone", simulating, "times")
    for engine, several in found.items():
        yield row(PART, f"{engine} engine, one replication", [1e3 * x.seconds for x in several], "ms")
    yield from _split("Liucheng", found["compiled"])


def _split(name: str, several: list[Replication]) -> Iterator[Row]:
    for step in ("population", "simulating", "reading"):
        share = [100 * getattr(x, step) / x.seconds for x in several]
        taken = 1e3 * statistics.median(getattr(x, step) for x in several)
        yield row(PART, f"{name}, share of {step}", share, "%", note=f"{taken:.2f} ms")


def _one_core(
    name: str, model: Model, rounds: int, bars: tuple[float, float | None], note: str
) -> Iterator[Row]:
    replicate(model, "compiled", 0)
    several = [replicate(model, "compiled", number) for number in range(rounds)]
    known = [100 * x.known / x.latent for x in several]
    latent = f"{statistics.median(x.latent for x in several):,.0f} latent disputes in a replication"
    yield row(
        PART,
        f"{name}: latent disputes per second",
        [x.latent / x.seconds for x in several],
        "disputes/s",
        bar=(">=", bars[0]),
        note=f"{note}; {latent}",
    )
    per_second = [x.rows / x.seconds for x in several]
    bar = None if bars[1] is None else (">=", bars[1])
    yield row(PART, f"{name}: trace rows per second", per_second, "rows/s", bar=bar)
    yield row(PART, f"{name}: latent disputes that become known", known, "%", bar=(">=", 60.0))
    yield from _split(name, several)


def offered_load(model: Model, replications: int = 4) -> float:
    """Load of the township mediators in servers per server: their work over their hours in the window."""
    loads = []
    for number in range(replications):
        draws = Draws(SEED, number)
        found = outcomes(simulator("compiled")(model, draws), model, draws)
        loads += [x.value / 100 for x in found if (x.metric, x.group) == ("utilisation", TOWNSHIP)]
    return statistics.mean(loads)


def _waiting(trace: Trace, model: Model, minute: int) -> int:
    """Disputes that wait for township mediators at a minute."""
    first = model.pools.first[TOWNSHIP]
    pool, event = trace.column("pool"), trace.column("event")
    here = (trace.column("minute") < minute) & (pool >= first) & (pool < first + model.villages.townships)
    came = here & (event == EventKind.ENTER)
    went = here & np.isin(event, [EventKind.START, EventKind.LEAVE])
    return int(came.sum() - went.sum())


def _overloaded(rounds: int) -> Iterator[Row]:
    """Township mediators get so few hours that the work that came at ample hours is 1.2 times what they can do."""
    ample = offered_load(build(load_place("liucheng", [*PATIENT, f"{SHARE}=1"])))
    share = ample / OVERLOAD
    model = build(load_place("liucheng", [*PATIENT, f"{SHARE}={share:.4f}"]))
    hours = float(model.place.working[TOWNSHIP].hours.value)
    reached = ample * hours * 60 / max(1, round(hours * share * 60))
    queues: list[list[int]] = []
    start, end = model.tables.warm_up, model.tables.horizon

    def waiting(trace: Trace) -> None:
        queues.append([_waiting(trace, model, minute) for minute in (start // 2, start, end)])

    for number in range(3):
        replicate(model, "compiled", number, waiting)
    half, full, last = (statistics.mean(x[k] for x in queues) for k in range(3))
    note = (
        f"as above, {', '.join(PATIENT[1:])} and {SHARE}={share:.4f}: the work that comes to township mediators with "
        f"ample hours is {reached:.2f} times their hours; {half:,.0f} wait there half-way through the warm-up, "
        f"{full:,.0f} after it, {last:,.0f} at the end"
    )
    yield from _one_core("overload at 1.2", model, rounds, (200_000.0, None), note)
