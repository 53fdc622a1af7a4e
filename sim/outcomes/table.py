"""outcomes(trace, model, draws): one long table of metrics of a replication.

Metrics are described in sim/scenario/metrics.py. Counts and times concern the window of the place, after the warm-up;
rates are per year. Rows of the layer `series` carry curves for figures: `x` is a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.model import Model
from sim.outcomes.cases import recorded
from sim.outcomes.pools import pool_outcomes
from sim.outcomes.reading import Flags, Reading, read, table_of
from sim.outcomes.survival import kaplan_meier
from sim.outcomes.tally import LOW, STAY_TIERS, Tally, marks, tally_of
from sim.scenario.metrics import LABELS, RECORDED, SERIES, TRUE, Column
from sim.traces import Trace
from sim.vocabulary import Channel, End, Eruption, EventKind, Kind, Tier

COLUMNS = (*LABELS, "value", "x")
RESOLVED = (End.SETTLED, End.ADJUDICATED, End.DECIDED, End.SELF_SETTLED)
TIER_NAMES: dict[Tier, str] = {t: t.name.lower() for t in STAY_TIERS}
KIND_NAMES = [k.name.lower() for k in Kind]
ENDED = {end: f"ended_{end.name.lower()}" for end in End if end != End.OPEN}
CURVE_DAYS = np.concatenate([np.arange(0, 30, 1.0), np.arange(30, 366, 5.0)])


class Outcome(NamedTuple):
    """One number: the columns of `Column`, the value, and on curves the day `x`."""

    metric: str
    layer: str
    reading: str
    by: str
    group: str
    value: float
    x: float

    @property
    def column(self) -> Column:
        """What the number is; of a point of a curve what the curve is."""
        return Column(self.metric, self.layer, self.reading, self.by, self.group)


def outcomes(trace: Trace | Reading, model: Model, draws: Draws) -> list[Outcome]:
    """All metrics of one replication, true and recorded, and the curves."""
    reading = read(trace)
    trace, tally = reading.trace, tally_of(reading, model)
    return [
        *_record(trace, tally, model, draws),
        *_life(trace, tally, model),
        *_closings(tally, model),
        *_backlog(trace, tally),
        *_times(trace, tally),
        *_events(trace, tally, model),
        *pool_outcomes(reading, model, true),
        *_load(trace, tally),
    ]


def true(metric: str, value: float, by: str = "", group: str = "") -> Outcome:
    """A number of the true layer."""
    return Outcome(metric, TRUE, "", by, group, float(value), float("nan"))


def _noted(metric: str, value: float) -> Outcome:
    """A number of the record as the place keeps it."""
    return Outcome(metric, RECORDED, "", "", "", float(value), float("nan"))


def _series(
    metric: str, x: NDArray[Any], values: NDArray[Any], by: str = "", group: str = ""
) -> Iterator[Outcome]:
    """The points of a curve."""
    columns = (metric, SERIES, "", by, group, values.astype(float).tolist(), x.astype(float).tolist())
    return map(Outcome, *(c if isinstance(c, list) else repeat(c) for c in columns))


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("nan")


def _record(trace: Trace, tally: Tally, model: Model, draws: Draws) -> Iterator[Outcome]:
    spec = model.recording
    cases = tally.closed(basis=spec.basis, counts_returns=spec.counts_returns)
    record = recorded(cases, trace, model, draws)
    yield _noted("screened", record.mediated)  # the places report screened = mediated: recorded when closed
    yield _noted("mediated", record.mediated)
    yield _noted("succeeded", record.succeeded)
    yield _noted("success_rate", record.rate)


def _life(trace: Trace, tally: Tally, model: Model) -> Iterator[Outcome]:
    """How many grievances there are, and how many become known."""
    exists = trace.dispute_column("exists") == 1
    arise = trace.dispute_column("arise")
    in_window = exists & (arise >= trace.warm_up) & (arise < trace.horizon)
    yield true("latent_disputes", in_window.sum())
    channels = tally.counts[EventKind.KNOWN].sum(axis=0)
    known = int(channels.sum())
    unseen = int(tally.counts[EventKind.END, -1].sum())
    yield true("known_disputes", known)
    yield true("known_share", 100 * _ratio(known, known + unseen))
    yield true("found_by_rounds", channels[[Channel.SCREENING, Channel.HOUSEHOLD_VISIT]].sum())
    yield true("found_by_police", channels[Channel.POLICE_VISIT])
    kinds = trace.dispute_column("kind")[tally.known_at >= trace.warm_up]
    for kind, number in zip(KIND_NAMES, np.bincount(kinds, minlength=len(Kind)).tolist(), strict=True):
        yield true("known_disputes", number, "kind", kind)
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0
    conflict = int(tally.latent_minutes.sum() + tally.stay_minutes.sum()) / 1440.0
    yield true("days_in_conflict_per_1000", conflict / persons * 1000.0 / years)


def _closings(tally: Tally, model: Model) -> Iterator[Outcome]:
    """Where and how known disputes end, and how they got there."""
    ended = tally.counts[EventKind.END]
    closed = ended[: len(STAY_TIERS)]
    total = int(closed.sum())
    for name, numbers in zip(TIER_NAMES.values(), closed.tolist(), strict=True):
        yield true("settled_share", 100 * _ratio(numbers[End.SETTLED], total), "tier", name)
        for end, metric in ENDED.items():
            yield true(metric, numbers[end], "tier", name)
    yield true("village_settled_share", 100 * _ratio(int(closed[LOW, End.SETTLED].sum()), total))
    never = int(tally.closings[~tally.went_up].sum())
    yield true("nothing_passed_up_share", 100 * _ratio(never, total))
    cases = tally.closed()
    yield true("true_success_rate", 100 * _ratio(int(cases.success.sum()), len(cases)))
    yield true("handled_on_the_spot", tally.on_the_spot)
    taken_in = tally.counts[EventKind.KNOWN][LOW, :].sum() + tally.counts[EventKind.REOPEN][LOW, :].sum()
    yield true("handled_share", 100 * _ratio(tally.on_the_spot, int(taken_in) - tally.gone))
    for end in (End.SELF_SETTLED, End.LUMPED, End.WITHDRAWN):
        yield true(end.name.lower(), ended[:, end].sum())
    climbed = tally.counts[EventKind.CLIMB]
    yield true("joint_matters", climbed[:, Tier.COUNTY].sum())
    raised, resolved = tally.joint_matters()
    yield true("joint_resolved_share", 100 * _ratio(resolved, raised))
    yield true("joint_resolved", tally.joint_resolved)
    entered = (tally.counts[EventKind.KNOWN] + tally.counts[EventKind.REOPEN]).sum(axis=1)
    steps = _steps(model)
    for t, name in TIER_NAMES.items():
        yield true("entered", entered[t], "tier", name)
        for target in steps[t]:
            yield true("passed_up", climbed[t, target], "step", f"{name}>{TIER_NAMES[target]}")


def _backlog(trace: Trace, tally: Tally) -> Iterator[Outcome]:
    """Known disputes that are open at the end."""
    still = np.flatnonzero(tally.open_at >= 0)
    yield true("backlog", len(still))
    ages = (trace.horizon - tally.known_at[still]) / 1440.0
    yield true("backlog_age", ages.mean() if len(ages) else float("nan"))
    open_at = np.bincount(tally.open_at[still], minlength=len(STAY_TIERS)).tolist()
    for t, name in TIER_NAMES.items():
        yield true("backlog", open_at[t], "tier", name)


def _steps(model: Model) -> dict[Tier, list[Tier]]:
    """Where a dispute can be passed up from each tier of this place, taken by anybody or not."""
    station = model.tables.station.reshape(-1, len(STAY_TIERS))[0].tolist()
    suits = {t for v in model.variants for t in v.suit_tier.tolist()}
    out: dict[Tier, list[Tier]] = {}
    for tier in STAY_TIERS:
        targets = {int(v.climbs_to[tier]) for v in model.variants}
        if tier <= Tier.COUNTY:  # by suit, by skipping mediation, or when it is exhausted
            targets |= suits
        out[tier] = [t for t in STAY_TIERS if t in targets] if station[tier] >= 0 else []
    return out


def _times(trace: Trace, tally: Tally) -> Iterator[Outcome]:
    """Days from becoming known to settlement, of disputes that became known in the window."""
    who = np.flatnonzero(tally.known_at >= trace.warm_up)
    days = np.maximum(tally.first_end[who] - tally.known_at[who], 1) / 1440.0
    settled = table_of(RESOLVED)[tally.how[who]]
    order = np.argsort(days, kind="stable")  # once for all curves: what is in order is sorted at once
    days, settled, kinds = days[order], settled[order], trace.dispute_column("kind")[who[order]]
    groups: list[tuple[str, Flags | slice]] = [("", slice(None))]
    groups += [(name, kinds == k) for k, name in enumerate(KIND_NAMES)]
    for name, chosen in groups:
        by = ("kind", name) if name else ("", "")
        curve = kaplan_meier(days[chosen], settled[chosen])
        yield true("time_to_settlement_mean", curve.mean(), *by)
        yield true("time_to_settlement_median", curve.quantile(0.5), *by)
        yield true("time_to_settlement_p90", curve.quantile(0.9), *by)
        if not name:
            yield from _series("unsettled", CURVE_DAYS, curve.at(CURVE_DAYS))


def _events(trace: Trace, tally: Tally, model: Model) -> Iterator[Outcome]:
    """Deadlines, suits, petitions, fights, breaches."""
    counts, villages = tally.counts, trace.dispute_column("village")
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0

    def untouched(concerned: Flags) -> int:
        return int(model.villages.count - len(np.unique(villages[concerned])))

    late = counts[EventKind.DEADLINE].sum(axis=1)
    yield true("deadline_breaches", late.sum())
    for t, name in TIER_NAMES.items():
        yield true("deadline_breaches", late[t], "tier", name)
    filed = int(counts[EventKind.FILED].sum())
    trials = int(counts[EventKind.END, :, End.ADJUDICATED].sum())
    petitions = counts[EventKind.PETITION].sum(axis=0)
    yield true("filings", filed)
    yield true("trials", trials)
    yield true("filings_per_10000", filed / persons * 10_000 / years)
    yield true("trials_per_10000", trials / persons * 10_000 / years)
    yield true("petitions", petitions.sum())
    yield true("petition_repeats", petitions[2:-1].sum())
    yield true("petitions_per_1000", int(petitions.sum()) / persons * 1000 / years)
    eruptions = counts[EventKind.ERUPTION].sum(axis=0)
    yield true("eruptions", eruptions.sum())
    yield true("fights_stopped", eruptions[[Eruption.FIGHT_STOPPED, Eruption.CRIME_STOPPED]].sum())
    yield true("crimes", eruptions[Eruption.CRIME])
    yield true("villages_without_petition", untouched(tally.petitions > 0))
    yield true("villages_without_crime", untouched(tally.crime))
    yield true("confirmations", counts[EventKind.CONFIRMED].sum())
    breaches = int(counts[EventKind.BREACH].sum())
    agreed = int(counts[EventKind.END, [*range(Tier.TRIAL), -1], End.SETTLED].sum())
    yield true("breaches", breaches)
    yield true("breach_share", 100 * _ratio(breaches, agreed))
    yield true("returns", tally.returns)


def _load(trace: Trace, tally: Tally) -> Iterator[Outcome]:
    """Open disputes at each tier, once a week through the window."""
    days = (marks(trace) - trace.warm_up) / 1440
    for t, name in TIER_NAMES.items():
        if tally.visited[t]:
            yield from _series("open_disputes", days, tally.open_disputes[t], "tier", name)
