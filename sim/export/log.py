"""An event log of one replication: which rows of a trace are events, of which cases, under which names.

The log is what all formats write. Rows are ordered by case and, within a case, as they happened: events of one minute
keep the canonical order of the trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.export.activities import CHANNELS, DESKS, LIFECYCLE, STAGES, activity
from sim.language import Message
from sim.model import Model
from sim.traces import Trace
from sim.vocabulary import Channel, DecisionPoint, EventKind, Job, Kind, Tier

CHINA = timezone(timedelta(hours=8))  # one time zone, no summer time

Ints = NDArray[np.int64]


class NotDisputeByDispute(ValueError):
    """The record of this reading cannot be told dispute by dispute."""


@dataclass(frozen=True)
class Case:
    """A dispute: its number in the trace, and what does not change. `severity` is 0 to 1, None where unseen."""

    number: int
    kind: str
    site: str
    township: str
    departments: bool
    language: bool
    severity: float | None


@dataclass(frozen=True)
class Event:
    """One event. `minutes` are working minutes of a session (planned when it begins, spent when it ends), else -1."""

    activity: str
    minute: int
    stage: str
    channel: str
    lifecycle: str
    pool: int
    minutes: int


@dataclass(frozen=True)
class EventLog:
    """One replication of a place as events of cases.

    `rows` are rows of the trace, shape (n, 9), ordered by case; `starts` has the first row of each case and n.
    `names` and `name_of` give each row its activity. `changes` are rows of CAPACITY, which belong to no case.
    `known_only` says that latent grievances, and severity, are left out.
    """

    model: Model
    cases: tuple[Case, ...]
    rows: NDArray[np.int32]
    starts: Ints
    names: tuple[str, ...]
    name_of: Ints
    changes: NDArray[np.int32]
    known_only: bool
    title: str
    origin: str
    window: tuple[datetime, datetime]  # first minute and end (exclusive) of what the log covers

    def __len__(self) -> int:
        return len(self.rows)

    def moment(self, minute: int) -> datetime:
        """The calendar time of a minute of the run, with its time zone."""
        return self._midnight + timedelta(minutes=minute)

    @property
    def _midnight(self) -> datetime:
        return midnight(self.model)

    def events(self, case: int) -> Iterator[Event]:
        """The events of a case by its position in `cases`."""
        begin, end = int(self.starts[case]), int(self.starts[case + 1])
        for row, name in zip(self.rows[begin:end].tolist(), self.name_of[begin:end].tolist(), strict=True):
            yield _event(row, self.names[name])

    def pool_name(self, pool: int) -> str:
        """Staff group and unit of a pool, such as `village_mediators 3`; empty for none."""
        if pool < 0:
            return ""
        pools = self.model.pools
        return f"{pools.groups[int(pools.group[pool])]} {int(pools.unit[pool]) + 1}"


def midnight(model: Model) -> datetime:
    """Minute 0 of a run."""
    first = model.first_day
    return datetime(first.year, first.month, first.day, tzinfo=CHINA)


def site_name(village: int) -> str:
    """The name of a village by its number."""
    return f"village {village + 1}"


def township_name(township: int) -> str:
    """The name of a township by its number."""
    return f"township {township + 1}"


def event_log(
    trace: Trace,
    model: Model,
    *,
    known_only: bool = False,
    warm_up: bool = False,
    recorded_with: Draws | None = None,
    origin: str = "",
) -> EventLog:
    """The log of a trace.

    Without `warm_up` only events of the window are in it, so that a dispute that was open when the window began lacks
    its first ones. `known_only` leaves out disputes that nobody learnt of, what happened before they became known,
    and their severity. `recorded_with` also leaves out those that the place does not write down, by the luck given;
    raises NotDisputeByDispute where the reading of the record is not the proportional one.
    """
    rows = trace.rows
    changes = rows[trace.column("event") == EventKind.CAPACITY]
    keep = trace.column("dispute") >= 0
    if known_only or recorded_with is not None:
        keep &= (trace.column("event") != EventKind.ARISE) & ~_ends_unseen(trace)
    if recorded_with is not None:
        written = _written_down(trace, model, recorded_with)
        keep &= written[np.maximum(trace.column("dispute"), 0)]
    pauses = _pauses(rows)  # looks at what came before, so before the window is cut out
    if not warm_up:
        keep &= trace.column("minute") >= trace.warm_up
        changes = changes[changes[:, 0] >= trace.warm_up]
    chosen = np.flatnonzero(keep)
    first_seen, case_of = _cases(rows[chosen, 2])
    order = np.argsort(case_of, kind="stable")
    chosen, case_of = chosen[order], case_of[order]
    names, name_of = _names(rows[chosen], pauses[chosen])
    known_only = known_only or recorded_with is not None
    begin = 0 if warm_up else trace.warm_up
    start = midnight(model)
    return EventLog(
        model=model,
        cases=tuple(_case(trace, model, int(d), known_only) for d in first_seen),
        rows=rows[chosen],
        starts=np.searchsorted(case_of, np.arange(len(first_seen) + 1)).astype(np.int64),
        names=names,
        name_of=name_of,
        changes=changes,
        known_only=known_only,
        title=f"{model.place.title.en} {model.place.title.zh}",
        origin=origin,
        window=(start + timedelta(minutes=begin), start + timedelta(minutes=trace.horizon)),
    )


def _ends_unseen(trace: Trace) -> NDArray[np.bool_]:
    """Rows of a grievance that nobody knows of: its end, and what follows until it comes up."""
    ends = (EventKind.END, EventKind.UNRESOLVED, EventKind.RESOLVED)
    out: NDArray[np.bool_] = np.isin(trace.column("event"), ends) & (trace.column("tier") < 0)
    return out


def _written_down(trace: Trace, model: Model, draws: Draws) -> NDArray[np.bool_]:
    """Whether each dispute is written down: the same luck as that of its closed case (outcomes/cases.py)."""
    spec = model.recording
    if spec.reading != "proportional":
        raise NotDisputeByDispute(
            Message(
                "under the reading {reading} files are relabelled and invented, which no log of disputes "
                "shows. Write --set recording.reading=proportional, or leave out --recorded.",
                reading=spec.reading,
            )
        )
    slots = trace.dispute_column("slot")
    u = draws.column(DecisionPoint.RECORDING, np.zeros(len(slots), dtype=np.int64), slots)
    out: NDArray[np.bool_] = u < float(spec.proportional.recorded.value)
    return out


def _cases(dispute: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Disputes in the order in which they are first met, and for each row the position of its dispute there."""
    numbers, first, inverse = np.unique(dispute, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return numbers[order].astype(np.int64), position[inverse]


def _pauses(rows: NDArray[np.int32]) -> Ints:
    """For each row of AWAY which of `PAUSES` it is: procedure before a visit's first session, adjournment, or rest."""
    out = np.zeros(len(rows), dtype=np.int64)
    own = np.flatnonzero((rows[:, 2] >= 0) & (rows[:, 3] == Job.CASE))
    own = own[np.argsort(rows[own, 2], kind="stable")]
    after_failure = np.zeros(len(own), dtype=bool)
    after_failure[1:] = (rows[own[:-1], 1] == EventKind.FAILED) & (rows[own[:-1], 2] == rows[own[1:], 2])
    out[own] = np.where(after_failure, 2, np.where(rows[own, 7] > 0, 1, 0))
    return out


def _names(rows: NDArray[np.int32], pauses: Ints) -> tuple[tuple[str, ...], Ints]:
    """The activities that occur, and for each row which one it is."""
    event, job, tier, detail = (rows[:, i].astype(np.int64) for i in (1, 3, 4, 8))
    meant = np.isin(event, [EventKind.CLIMB, EventKind.ERUPTION, EventKind.END])
    detail = np.where(meant, detail, np.where(event == EventKind.AWAY, pauses, 0))
    kinds, inverse = np.unique(np.stack([event, tier, job, detail], axis=1), axis=0, return_inverse=True)
    words = [activity(EventKind(e), t, j, d) for e, t, j, d in kinds.tolist()]
    names = tuple(dict.fromkeys(words))  # an activity without a stage may come from several
    number = np.array([names.index(w) for w in words], dtype=np.int64)
    return names, number[inverse.reshape(-1)] if len(words) else np.empty(0, dtype=np.int64)


def _case(trace: Trace, model: Model, dispute: int, known_only: bool) -> Case:
    _, _, village, kind, severity, departments, language, _ = (int(x) for x in trace.disputes[dispute])
    return Case(
        number=dispute,
        kind=Kind(kind).name.lower(),
        site=site_name(village),
        township=township_name(int(model.villages.township[village])),
        departments=bool(departments),
        language=bool(language),
        severity=None if known_only else severity / 1e6,
    )


def _event(row: list[int], name: str) -> Event:
    minute, code, _, job, tier, pool, _, _, detail = row
    event = EventKind(code)
    timed = event in (EventKind.START, EventKind.SESSION, EventKind.ABORT)
    stage = DESKS[Job(job)] if job else STAGES[Tier(tier)] if tier >= 0 else ""
    return Event(
        activity=name,
        minute=minute,
        stage=STAGES[Tier(detail)] if event == EventKind.CLIMB else stage,
        channel=CHANNELS[Channel(detail)] if event == EventKind.KNOWN else "",
        lifecycle=LIFECYCLE.get(event, "complete"),
        pool=pool,
        minutes=detail if timed else -1,
    )
