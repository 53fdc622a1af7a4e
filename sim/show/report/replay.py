"""One replication of a place day by day, as small numbers that a page can draw.

Days count from the start of the window. A state is 0 to 7: waits at that tier; 10 to 17: in session there; 20 and up:
ended, by `End`. Two policies see the same disputes: the same seed and replication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.language import tr
from sim.model import Model
from sim.runs.single import single
from sim.scenario import terms
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Job

MOST = 1500  # disputes drawn; a page holds two policies of these
SESSION, ENDED = 10, 20


@dataclass(frozen=True)
class Course:
    """A policy by its name and what is in force under it."""

    name: str
    measures: tuple[Measure, ...]


def replay(place: Place, courses: Sequence[Course], seed: int) -> dict[str, Any]:
    """Data of the page: villages with their township, and for each policy the disputes with days and states."""
    runs = [single(place, c.measures, seed) for c in courses]
    model, traces = runs[0][0], [trace for _, trace in runs]
    townships = _townships(model, traces)
    villages = model.villages
    shown = np.flatnonzero(np.isin(villages.township, townships))
    index = {int(v): i for i, v in enumerate(shown)}
    start = place.window.start
    days = (place.window.end - start).days + 1
    return {
        "place": terms.title(place.title),
        "start": start.isoformat(),
        "dates": [f"{start + timedelta(days=d):%Y-%m-%d}" for d in range(days)],
        "townships": [int(t) for t in townships],
        "allTownships": int(villages.townships),
        "allVillages": int(villages.count),
        "villages": [townships.index(int(villages.township[v])) for v in shown],
        "courses": [
            {"name": c.name, "disputes": list(_disputes(t, index, days))}
            for c, t in zip(courses, traces, strict=True)
        ],
    }


def _known(trace: Trace) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Disputes that are known in the window, by number."""
    kind, who, minute = (trace.column(c) for c in ("event", "dispute", "minute"))
    ended = {
        int(d): int(m) for d, m in zip(who[kind == EventKind.END], minute[kind == EventKind.END], strict=True)
    }
    known = np.unique(who[kind == EventKind.KNOWN])
    return np.array(
        [d for d in known.tolist() if ended.get(d, trace.horizon) >= trace.warm_up], dtype=np.int64
    )


def _townships(model: Model, traces: Sequence[Trace]) -> list[int]:
    """The first townships, as many as keep every policy within `MOST` disputes; at least one."""
    villages = model.villages
    counts = np.zeros(villages.townships)
    for trace in traces:
        at = trace.dispute_column("village")[_known(trace)]
        counts = np.maximum(counts, np.bincount(villages.township[at], minlength=villages.townships))
    enough = int((np.cumsum(counts) <= MOST).sum())
    return list(range(max(1, enough)))


def _disputes(trace: Trace, index: dict[int, int], days: int) -> Iterator[list[Any]]:
    """Village, then days and states in turn; the first day may be negative, before the window."""
    kind, who, tier, job, minute, detail = (
        trace.column(c) for c in ("event", "dispute", "tier", "job", "minute", "detail")
    )
    wanted = np.isin(kind, (EventKind.KNOWN, EventKind.ENTER, EventKind.START, EventKind.END)) & (
        job <= Job.CASE
    )
    village = trace.dispute_column("village")
    rows: dict[int, list[tuple[int, int]]] = {int(d): [] for d in _known(trace) if int(village[d]) in index}
    for i in np.flatnonzero(wanted).tolist():
        course = rows.get(int(who[i]))
        if course is None:
            continue
        day = int((minute[i] - trace.warm_up) // MINUTES_PER_DAY)
        if kind[i] == EventKind.END:
            state = ENDED + int(detail[i])
        elif kind[i] == EventKind.START:
            state = SESSION + int(tier[i])
        else:
            state = max(0, int(tier[i]))
        if day >= days:
            continue
        if course and course[-1][0] == day and not (course[-1][1] >= SESSION > state):
            course[-1] = (day, state)
        else:
            course.append((day, state))
    for number, course in rows.items():
        if course:
            yield [index[int(village[number])], *(x for step in course for x in step)]


def ends() -> dict[int, str]:
    """The states after the end, in words."""
    words = {
        End.OPEN: tr("open"),
        End.SETTLED: tr("settled"),
        End.ADJUDICATED: tr("judged"),
        End.DECIDED: tr("decided"),
        End.SELF_SETTLED: tr("settled by themselves"),
        End.WITHDRAWN: tr("withdrawn"),
        End.LUMPED: tr("given up"),
    }
    return {ENDED + int(end): word for end, word in words.items()}
