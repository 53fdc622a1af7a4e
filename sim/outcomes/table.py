"""outcomes(trace, model, draws): one long table of metrics of a replication.

Metrics are described in sim/scenario/metrics.py. Counts and times concern the window of the place, after the warm-up;
rates are per year. Rows of the layer `series` carry curves for figures: `x` is a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.model import Model
from sim.outcomes import spans
from sim.outcomes.cases import closed_cases, recorded
from sim.outcomes.pools import pool_outcomes
from sim.outcomes.survival import kaplan_meier
from sim.trace import Trace
from sim.vocabulary import Channel, End, EventKind, Kind, Tier

COLUMNS = ("metric", "tier", "kind", "value", "layer", "x")
RESOLVED = (End.SETTLED, End.ADJUDICATED, End.DECIDED, End.SELF_SETTLED)
STAY_TIERS = [t for t in Tier if t != Tier.PETITION]
CURVE_DAYS = np.concatenate([np.arange(0, 30, 1.0), np.arange(30, 366, 5.0)])


class Outcome(NamedTuple):
    """One number. `tier` names a tier, a staff group or a step between tiers; empty where it does not apply."""

    metric: str
    tier: str
    kind: str
    value: float
    layer: str
    x: float


def outcomes(trace: Trace, model: Model, draws: Draws) -> list[Outcome]:
    """All metrics of one replication, true and recorded, and the curves."""
    return [
        *_record(trace, model, draws),
        *_life(trace, model),
        *_closings(trace, model),
        *_times(trace),
        *_events(trace, model),
        *pool_outcomes(trace, model, true),
        *_load(trace, model),
    ]


def true(metric: str, value: float, tier: str = "", kind: str = "") -> Outcome:
    """A number of the true layer."""
    return Outcome(metric, tier, kind, float(value), "true", float("nan"))


def _series(metric: str, x: float, value: float, tier: str = "") -> Outcome:
    return Outcome(metric, tier, "", float(value), "series", float(x))


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("nan")


def _name(member: Tier | Kind) -> str:
    return member.name.lower()


def _record(trace: Trace, model: Model, draws: Draws) -> Iterator[Outcome]:
    record = recorded(trace, model, draws)
    values = {
        "screened": record.mediated,  # the places report screened = mediated: recorded when closed
        "mediated": record.mediated,
        "succeeded": record.succeeded,
        "success_rate": record.rate,
    }
    for metric, value in values.items():
        yield Outcome(metric, "", "", float(value), "recorded", float("nan"))


def _life(trace: Trace, model: Model) -> Iterator[Outcome]:
    """How many grievances there are, and how many become known."""
    exists = trace.dispute_column("exists") == 1
    arise = trace.dispute_column("arise")
    in_window = exists & (arise >= trace.warm_up) & (arise < trace.horizon)
    yield true("latent_disputes", in_window.sum())
    event, minute, tier = trace.column("event"), trace.column("minute"), trace.column("tier")
    now = minute >= trace.warm_up
    known = (event == EventKind.KNOWN) & now
    unseen = (event == EventKind.END) & (tier < 0) & now
    yield true("known_disputes", known.sum())
    yield true("known_share", 100 * _ratio(known.sum(), known.sum() + unseen.sum()))
    channel = trace.column("detail")[known]
    yield true("found_by_rounds", np.isin(channel, (Channel.SCREENING, Channel.HOUSEHOLD_VISIT)).sum())
    yield true("found_by_police", (channel == Channel.POLICE_VISIT).sum())
    kinds = trace.dispute_column("kind")[trace.column("dispute")[known]]
    for kind, number in zip(Kind, np.bincount(kinds, minlength=len(Kind)), strict=True):
        yield true("known_disputes", number, kind=_name(kind))
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0
    conflict = spans.conflicts(trace).within(trace.warm_up, trace.horizon).sum() / 1440.0
    yield true("days_in_conflict_per_1000", conflict / persons * 1000.0 / years)


def _closings(trace: Trace, model: Model) -> Iterator[Outcome]:
    """Where and how known disputes end, and what is still open."""
    event, minute, tier, detail, dispute = (
        trace.column(c) for c in ("event", "minute", "tier", "detail", "dispute")
    )
    now = minute >= trace.warm_up
    ends = (event == EventKind.END) & now
    closing = ends & (tier >= 0)
    total = int(closing.sum())
    settled = closing & (detail == End.SETTLED)
    for t in STAY_TIERS:
        yield true("settled_share", 100 * _ratio((settled & (tier == t)).sum(), total), tier=_name(t))
        for end in End:
            if end != End.OPEN:
                number = int((closing & (tier == t) & (detail == end)).sum())
                yield true(f"ended_{end.name.lower()}", number, tier=_name(t))
    low = np.isin(tier, (Tier.HAMLET, Tier.VILLAGE))
    yield true("village_settled_share", 100 * _ratio((settled & low).sum(), total))
    high = (Tier.COUNTY, Tier.DECISION, Tier.COURT_MEDIATION, Tier.TRIAL)
    up = (event == EventKind.PETITION) | ((event == EventKind.CLIMB) & np.isin(detail, high))
    up |= (event == EventKind.KNOWN) & np.isin(tier, high)
    passed_up = np.isin(dispute[closing], dispute[up])
    yield true("nothing_passed_up_share", 100 * _ratio((~passed_up).sum(), total))
    cases = closed_cases(trace)
    yield true("true_success_rate", 100 * _ratio(cases.success.sum(), len(cases)))
    spot = settled & low & (trace.column("visit") == 1)
    yield true("handled_on_the_spot", spot.sum())
    for end in (End.SELF_SETTLED, End.LUMPED, End.WITHDRAWN):
        yield true(end.name.lower(), (ends & (detail == end)).sum())
    climbs = (event == EventKind.CLIMB) & now
    joint = trace.dispute_column("departments")[dispute] == 1
    yield true("joint_matters", (climbs & (detail == Tier.COUNTY)).sum())
    yield true("joint_resolved", (settled & (tier == Tier.COUNTY) & joint).sum())
    arrivals = ((event == EventKind.KNOWN) | (event == EventKind.REOPEN)) & now
    for t in STAY_TIERS:
        yield true("entered", (arrivals & (tier == t)).sum(), tier=_name(t))
        for target in _steps(model, t):
            number = int((climbs & (tier == t) & (detail == target)).sum())
            yield true("passed_up", number, tier=f"{_name(t)}>{_name(target)}")
    stays = spans.stays(trace)
    still = ~stays.closed
    known_at = np.full(len(trace.disputes), -1, dtype=np.int64)
    known_at[dispute[event == EventKind.KNOWN]] = minute[event == EventKind.KNOWN]
    yield true("backlog", still.sum())
    ages = (trace.horizon - known_at[stays.dispute[still]]) / 1440.0
    yield true("backlog_age", ages.mean() if len(ages) else float("nan"))
    for t in STAY_TIERS:
        yield true("backlog", (still & (stays.what == t)).sum(), tier=_name(t))


def _steps(model: Model, tier: Tier) -> list[Tier]:
    """Where a dispute can be passed up from a tier of this place, taken by anybody or not."""
    m = model.tables
    if m.station.reshape(-1, len(STAY_TIERS))[0, tier] < 0:
        return []
    targets = {int(m.climbs_to[tier])}
    if tier <= Tier.COUNTY:  # by suit, by skipping mediation, or when it is exhausted
        targets |= {int(t) for t in m.suit_tier}
    return [t for t in STAY_TIERS if t in targets]


def _times(trace: Trace) -> Iterator[Outcome]:
    """Days from becoming known to settlement, of disputes that became known in the window."""
    event, minute, dispute = trace.column("event"), trace.column("minute"), trace.column("dispute")
    known = np.flatnonzero((event == EventKind.KNOWN) & (minute >= trace.warm_up))
    first_end = np.full(len(trace.disputes), trace.horizon, dtype=np.int64)
    how = np.zeros(len(trace.disputes), dtype=np.int64)
    ends = np.flatnonzero(event == EventKind.END)[::-1]  # assigned backwards: the first end stays
    first_end[dispute[ends]] = minute[ends]
    how[dispute[ends]] = trace.column("detail")[ends]
    who = dispute[known]
    days = np.maximum(first_end[who] - minute[known], 1) / 1440.0
    settled = np.isin(how[who], RESOLVED)
    kinds = trace.dispute_column("kind")[who]
    groups: list[tuple[str, NDArray[np.bool_]]] = [("", np.ones(len(who), dtype=bool))]
    groups += [(_name(k), kinds == k) for k in Kind]
    for name, chosen in groups:
        curve = kaplan_meier(days[chosen], settled[chosen])
        yield true("time_to_settlement_mean", curve.mean(), kind=name)
        yield true("time_to_settlement_median", curve.quantile(0.5), kind=name)
        yield true("time_to_settlement_p90", curve.quantile(0.9), kind=name)
        if not name:
            for x, value in zip(CURVE_DAYS, curve.at(CURVE_DAYS), strict=True):
                yield _series("unsettled", x, value)


def _events(trace: Trace, model: Model) -> Iterator[Outcome]:
    """Deadlines, suits, petitions, fights, breaches."""
    event, minute, tier, detail, dispute = (
        trace.column(c) for c in ("event", "minute", "tier", "detail", "dispute")
    )
    now = minute >= trace.warm_up
    persons = float(model.place.population.persons.value)
    years = model.window_days / 365.0

    def rows(kind: EventKind) -> NDArray[np.bool_]:
        return np.asarray((event == kind) & now)

    late = rows(EventKind.DEADLINE)
    yield true("deadline_breaches", late.sum())
    for t in STAY_TIERS:
        yield true("deadline_breaches", (late & (tier == t)).sum(), tier=_name(t))
    filed = rows(EventKind.FILED).sum()
    trials = (rows(EventKind.END) & (detail == End.ADJUDICATED)).sum()
    petition = rows(EventKind.PETITION)
    yield true("filings", filed)
    yield true("trials", trials)
    yield true("filings_per_10000", filed / persons * 10_000 / years)
    yield true("trials_per_10000", trials / persons * 10_000 / years)
    yield true("petitions", petition.sum())
    yield true("petition_repeats", (petition & (detail > 1)).sum())
    yield true("petitions_per_1000", petition.sum() / persons * 1000 / years)
    erupted = rows(EventKind.ERUPTION)
    crime = erupted & (detail == 1)
    yield true("eruptions", erupted.sum())
    yield true("fights_stopped", (erupted & (detail >= 2)).sum())
    yield true("crimes", crime.sum())
    village = trace.dispute_column("village")
    for metric, chosen in (("villages_without_petition", petition), ("villages_without_crime", crime)):
        touched = len(np.unique(village[dispute[chosen]]))
        yield true(metric, model.villages.count - touched)
    breach, agreed = rows(EventKind.BREACH), rows(EventKind.END) & (detail == End.SETTLED)
    yield true("breaches", breach.sum())
    yield true("breach_share", 100 * _ratio(breach.sum(), (agreed & (tier < Tier.TRIAL)).sum()))
    reopened = np.flatnonzero(rows(EventKind.REOPEN))
    following = np.minimum(reopened + 1, len(event) - 1)
    given_up = (event[following] == EventKind.END) & (dispute[following] == dispute[reopened])
    yield true("returns", (~given_up).sum())


def _load(trace: Trace, model: Model) -> Iterator[Outcome]:
    """Open disputes at each tier, once a week through the window."""
    stays = spans.stays(trace)
    marks = np.arange(trace.warm_up, trace.horizon, 7 * 1440)
    for t in STAY_TIERS:
        at = stays.what == t
        if not at.any():
            continue
        started = np.searchsorted(np.sort(stays.start[at]), marks, side="right")
        ended = np.searchsorted(np.sort(stays.end[at]), marks, side="right")
        for mark, value in zip(marks, started - ended, strict=True):
            yield _series("open_disputes", (mark - trace.warm_up) / 1440, value, tier=_name(t))
