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
from sim.outcomes import spans
from sim.outcomes.cases import Cases, closed_cases, recorded
from sim.outcomes.pools import pool_outcomes
from sim.outcomes.reading import Flags, Ints, Reading, Rows, read, table_of
from sim.outcomes.spans import Spans
from sim.outcomes.survival import kaplan_meier
from sim.scenario.metrics import LABELS, RECORDED, SERIES, TRUE, Column
from sim.trace import Trace
from sim.vocabulary import Channel, End, EventKind, Kind, Tier

COLUMNS = (*LABELS, "value", "x")
RESOLVED = (End.SETTLED, End.ADJUDICATED, End.DECIDED, End.SELF_SETTLED)
LOW = (Tier.HAMLET, Tier.VILLAGE)
HIGH = (Tier.COUNTY, Tier.DECISION, Tier.COURT_MEDIATION, Tier.TRIAL)
STAY_TIERS = [t for t in Tier if t != Tier.PETITION]
TIER_NAMES: dict[Tier, str] = {t: t.name.lower() for t in STAY_TIERS}
KIND_NAMES = [k.name.lower() for k in Kind]
ENDED = {end: f"ended_{end.name.lower()}" for end in End if end != End.OPEN}
WEEK = 7 * 1440
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
    stays, cases = spans.stays(reading), closed_cases(reading)
    return [
        *_record(reading, cases, model, draws),
        *_life(reading, model, stays),
        *_closings(reading, model, stays, cases),
        *_times(reading),
        *_events(reading, model),
        *pool_outcomes(reading, model, true),
        *_load(reading.trace, stays),
    ]


def true(metric: str, value: float, by: str = "", group: str = "") -> Outcome:
    """A number of the true layer."""
    return Outcome(metric, TRUE, "", by, group, float(value), float("nan"))


def _series(
    metric: str, x: NDArray[Any], values: NDArray[Any], by: str = "", group: str = ""
) -> Iterator[Outcome]:
    """The points of a curve."""
    columns = (metric, SERIES, "", by, group, values.astype(float).tolist(), x.astype(float).tolist())
    return map(Outcome, *(c if isinstance(c, list) else repeat(c) for c in columns))


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("nan")


def _record(reading: Reading, cases: Cases, model: Model, draws: Draws) -> Iterator[Outcome]:
    basis, counts_returns = model.recording.basis, model.recording.counts_returns
    if basis != "dispute" or counts_returns:
        cases = closed_cases(reading, basis=basis, counts_returns=counts_returns)
    record = recorded(cases, reading.trace, model, draws)
    values = {
        "screened": record.mediated,  # the places report screened = mediated: recorded when closed
        "mediated": record.mediated,
        "succeeded": record.succeeded,
        "success_rate": record.rate,
    }
    for metric, value in values.items():
        yield Outcome(metric, RECORDED, "", "", "", float(value), float("nan"))


def _life(reading: Reading, model: Model, stays: Spans) -> Iterator[Outcome]:
    """How many grievances there are, and how many become known."""
    trace = reading.trace
    exists = trace.dispute_column("exists") == 1
    arise = trace.dispute_column("arise")
    in_window = exists & (arise >= trace.warm_up) & (arise < trace.horizon)
    yield true("latent_disputes", in_window.sum())
    channels = reading.counts[EventKind.KNOWN].sum(axis=0)
    known = int(channels.sum())
    unseen = int(reading.counts[EventKind.END, -1].sum())
    yield true("known_disputes", known)
    yield true("known_share", 100 * _ratio(known, known + unseen))
    yield true("found_by_rounds", channels[[Channel.SCREENING, Channel.HOUSEHOLD_VISIT]].sum())
    yield true("found_by_police", channels[Channel.POLICE_VISIT])
    kinds = trace.dispute_column("kind")[reading.recent(EventKind.KNOWN)["dispute"]]
    for kind, number in zip(KIND_NAMES, np.bincount(kinds, minlength=len(Kind)).tolist(), strict=True):
        yield true("known_disputes", number, "kind", kind)
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0
    pieces = (spans.latent(reading), stays)
    conflict = sum(int(x.within(trace.warm_up, trace.horizon).sum()) for x in pieces) / 1440.0
    yield true("days_in_conflict_per_1000", conflict / persons * 1000.0 / years)


def _closings(reading: Reading, model: Model, stays: Spans, cases: Cases) -> Iterator[Outcome]:
    """Where and how known disputes end, and what is still open."""
    ended = reading.counts[EventKind.END]
    closed = ended[: len(STAY_TIERS)]
    total = int(closed.sum())
    for t, name in TIER_NAMES.items():
        yield true("settled_share", 100 * _ratio(int(closed[t, End.SETTLED]), total), "tier", name)
        for end, metric in ENDED.items():
            yield true(metric, closed[t, end], "tier", name)
    yield true("village_settled_share", 100 * _ratio(int(closed[LOW, End.SETTLED].sum()), total))
    ends = reading.recent(EventKind.END)
    closing = ends.pick(ends["tier"] >= 0)
    never = ~_ever_up(reading)[closing["dispute"]]
    yield true("nothing_passed_up_share", 100 * _ratio(int(never.sum()), total))
    yield true("true_success_rate", 100 * _ratio(int(cases.success.sum()), len(cases)))
    settled = closing.pick(closing["detail"] == End.SETTLED)
    on_the_spot = int((table_of(LOW)[settled["tier"]] & (settled["visit"] == 1)).sum())
    yield true("handled_on_the_spot", on_the_spot)
    taken_in = reading.counts[EventKind.KNOWN][LOW, :].sum() + reading.counts[EventKind.REOPEN][LOW, :].sum()
    yield true("handled_share", 100 * _ratio(on_the_spot, int(taken_in)))
    for end in (End.SELF_SETTLED, End.LUMPED, End.WITHDRAWN):
        yield true(end.name.lower(), ended[:, end].sum())
    climbed = reading.counts[EventKind.CLIMB]
    yield true("joint_matters", climbed[:, Tier.COUNTY].sum())
    at_county = settled["dispute"][settled["tier"] == Tier.COUNTY]
    raised, resolved = joint_matters(reading)
    yield true("joint_resolved_share", 100 * _ratio(resolved, raised))
    yield true("joint_resolved", (reading.trace.dispute_column("departments")[at_county] == 1).sum())
    entered = (reading.counts[EventKind.KNOWN] + reading.counts[EventKind.REOPEN]).sum(axis=1)
    for t, name in TIER_NAMES.items():
        yield true("entered", entered[t], "tier", name)
        for target in _steps(model, t):
            yield true("passed_up", climbed[t, target], "step", f"{name}>{TIER_NAMES[target]}")
    yield from _backlog(reading, stays)


def joint_matters(reading: Reading, since: int = 0) -> tuple[int, int]:
    """Matters passed up to the departments from a minute of the window on, and how many of them are settled there."""
    climbs, ends = reading.recent(EventKind.CLIMB), reading.recent(EventKind.END)
    raised = np.unique(climbs["dispute"][(climbs["detail"] == Tier.COUNTY) & (climbs["minute"] >= since)])
    settled = (ends["tier"] == Tier.COUNTY) & (ends["detail"] == End.SETTLED) & (ends["minute"] >= since)
    return len(raised), len(np.intersect1d(raised, ends["dispute"][settled]))


def _ever_up(reading: Reading) -> Flags:
    """Whether each dispute was ever at a petition desk, or at the county or above."""
    known, climbs = reading.rows(EventKind.KNOWN), reading.rows(EventKind.CLIMB)
    up = np.zeros(len(reading.trace.disputes), dtype=bool)
    up[known["dispute"][table_of(HIGH)[known["tier"]]]] = True
    up[climbs["dispute"][table_of(HIGH)[climbs["detail"]]]] = True
    up[reading.rows(EventKind.PETITION)["dispute"]] = True
    return up


def _backlog(reading: Reading, stays: Spans) -> Iterator[Outcome]:
    """Known disputes that are open at the end."""
    still = stays.pick(~stays.closed)
    known = reading.rows(EventKind.KNOWN)
    known_at = np.full(len(reading.trace.disputes), -1, dtype=np.int64)
    known_at[known["dispute"]] = known["minute"]
    yield true("backlog", len(still.what))
    ages = (reading.trace.horizon - known_at[still.dispute]) / 1440.0
    yield true("backlog_age", ages.mean() if len(ages) else float("nan"))
    open_at = np.bincount(still.what, minlength=len(STAY_TIERS)).tolist()
    for t, name in TIER_NAMES.items():
        yield true("backlog", open_at[t], "tier", name)


def _steps(model: Model, tier: Tier) -> list[Tier]:
    """Where a dispute can be passed up from a tier of this place, taken by anybody or not."""
    m = model.tables
    if m.station.reshape(-1, len(STAY_TIERS))[0, tier] < 0:
        return []
    targets = {int(v.climbs_to[tier]) for v in model.variants}
    if tier <= Tier.COUNTY:  # by suit, by skipping mediation, or when it is exhausted
        targets |= {int(t) for v in model.variants for t in v.suit_tier}
    return [t for t in STAY_TIERS if t in targets]


def _times(reading: Reading) -> Iterator[Outcome]:
    """Days from becoming known to settlement, of disputes that became known in the window."""
    trace, known, ends = reading.trace, reading.recent(EventKind.KNOWN), reading.rows(EventKind.END)
    first_end = np.full(len(trace.disputes), trace.horizon, dtype=np.int64)
    how = np.zeros(len(trace.disputes), dtype=np.int64)
    first_end[ends["dispute"][::-1]] = ends["minute"][::-1]  # assigned backwards: the first end stays
    how[ends["dispute"][::-1]] = ends["detail"][::-1]
    who = known["dispute"]
    days = np.maximum(first_end[who] - known["minute"], 1) / 1440.0
    settled = table_of(RESOLVED)[how[who]]
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


def _events(reading: Reading, model: Model) -> Iterator[Outcome]:
    """Deadlines, suits, petitions, fights, breaches."""
    counts, villages = reading.counts, reading.trace.dispute_column("village")
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0

    def untouched(rows: Rows) -> int:
        return int(model.villages.count - len(np.unique(villages[rows["dispute"]])))

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
    yield true("fights_stopped", eruptions[2:-1].sum())
    yield true("crimes", eruptions[1])
    erupted = reading.recent(EventKind.ERUPTION)
    yield true("villages_without_petition", untouched(reading.recent(EventKind.PETITION)))
    yield true("villages_without_crime", untouched(erupted.pick(erupted["detail"] == 1)))
    breaches = int(counts[EventKind.BREACH].sum())
    agreed = int(counts[EventKind.END, [*range(Tier.TRIAL), -1], End.SETTLED].sum())
    yield true("breaches", breaches)
    yield true("breach_share", 100 * _ratio(breaches, agreed))
    yield true("returns", _returns(reading))


def _returns(reading: Reading) -> int:
    """Reopened disputes that are taken up again: their return is not followed at once by their end."""
    trace, reopened = reading.trace, reading.recent(EventKind.REOPEN)
    following = np.minimum(reopened.index + 1, len(trace.rows) - 1)
    ends = trace.column("event")[following] == EventKind.END
    given_up = ends & (trace.column("dispute")[following] == reopened["dispute"])
    return int((~given_up).sum())


def _load(trace: Trace, stays: Spans) -> Iterator[Outcome]:
    """Open disputes at each tier, once a week through the window."""
    marks = np.arange(trace.warm_up, trace.horizon, WEEK)
    days = (marks - trace.warm_up) / 1440

    def by_tier(minute: Ints) -> Ints:
        """Number of stays whose minute is not after each mark, as an array [tier, mark]."""
        shape = (len(STAY_TIERS), len(marks) + 1)
        week = np.clip(-((trace.warm_up - minute) // WEEK), 0, len(marks))
        cells = np.bincount(stays.what * shape[1] + week, minlength=shape[0] * shape[1])
        found: Ints = cells.reshape(shape)[:, :-1].cumsum(axis=1)
        return found

    there = by_tier(stays.start) - by_tier(stays.end)
    visited = np.bincount(stays.what, minlength=len(STAY_TIERS))
    for t, name in TIER_NAMES.items():
        if visited[t]:
            yield from _series("open_disputes", days, there[t], "tier", name)
