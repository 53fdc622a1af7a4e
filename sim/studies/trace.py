"""One replication by itself: a dispute's story, and the whole of it as an event log."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sim.draws import Draws
from sim.engines.choose import choose_engine, simulator
from sim.export.formats import WRITERS, format_of
from sim.export.log import EventLog, event_log
from sim.export.story import story
from sim.model import Model
from sim.runs.atomic_files import write_atomically
from sim.runs.estimate import expected_disputes
from sim.runs.place_run import PlaceRun
from sim.runs.points import CENTRAL
from sim.runs.single import single
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.studies.county import Where, about_place, as_county
from sim.studies.posteriors import PER_DRAW, draws_for
from sim.studies.study import Study, key_of
from sim.traces import ROW_COLUMNS, Trace
from sim.vocabulary import EventKind, Tier


@dataclass(frozen=True)
class Replication(Study):
    """One replication of a place; `draw` is that of a posterior, 0 at central values.

    `known_only`, `recorded` and `warm_up` are about its event log.
    """

    command: ClassVar[str] = "trace"
    place: Place
    policy: str | None
    seed: int
    replication: int
    asked_dispute: int | None
    known_only: bool
    recorded: bool
    warm_up: bool
    model: Model = field(repr=False)
    trace: Trace = field(repr=False)
    draw: int = CENTRAL
    reading: str = ""

    @property
    def dispute(self) -> int:
        """The dispute that was asked for, else the one with most events."""
        if self.asked_dispute is not None:
            return self.asked_dispute
        who = self.trace.column("dispute")
        return int(np.argmax(np.bincount(who[who >= 0]))) if len(who) else 0

    @cached_property
    def story(self) -> list[str]:
        """The life of the dispute, a sentence a line. Raises NoSuchDispute."""
        return story(self.trace, self.model, self.dispute)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The rows of the dispute in the words of sim/vocabulary.py; `tier` is None outside of any."""
        return _events(self.trace, self.model, self.dispute)

    @cached_property
    def log(self) -> EventLog:
        """The replication as an event log. Raises NotDisputeByDispute."""
        origin = (
            f"simulated by village-disputes from the scenario {self.place.name}, seed {self.seed}, "
            f"replication {self.replication}, trace {self.trace.digest()}"
        )
        return event_log(
            self.trace,
            self.model,
            known_only=self.known_only,
            warm_up=self.warm_up,
            recorded_with=Draws(self.seed, self.replication) if self.recorded else None,
            origin=origin,
        )

    def export(self, file: str | Path, format: str | None = None) -> Path:
        """Write the event log: xes, ocel, csv or parquet, by default what the suffix of the file says."""
        path = Path(file)
        writer = WRITERS[format_of(path, format)]
        write_atomically(path, functools.partial(writer, self.log))
        return path

    def tables(self) -> dict[str, pd.DataFrame]:
        """`events` of the dispute."""
        return {"events": pd.DataFrame(self.events)}

    def manifest(self) -> dict[str, Any]:
        """What was asked."""
        asked = {
            "place": self.place.name,
            "policy": self.policy,
            "seed": self.seed,
            "replication": self.replication,
            "draw": self.draw,
        }
        return {"command": self.command, "key": key_of([asked, self.trace.digest()]), "asked": asked}

    def about(self) -> dict[str, Any]:
        """The replication for programs, without any dispute."""
        return {
            "place": about_place(self.place),
            "policy": self.policy,
            "seed": self.seed,
            "replication": self.replication,
            "draw": self.draw,
            "reading": self.reading or self.place.recording.reading,
            "rows": len(self.trace.rows),
            "disputes": int(self.trace.dispute_column("exists").sum()),
            "digest": self.trace.digest(),
        }

    def answer(self) -> dict[str, Any]:
        """The replication and the dispute for programs."""
        told = {"number": self.dispute, "story": self.story, "events": self.events}
        return {**self.about(), "dispute": told}


def trace(
    place: Where,
    *,
    sets: Mapping[str, object] | Sequence[str] = (),
    policy: str | None = None,
    seed: int = 1,
    engine: str = "auto",
    replication: int = 0,
    posterior: str = "none",
    reading: str = "both",
    dispute: int | None = None,
    known_only: bool = False,
    recorded: bool = False,
    warm_up: bool = False,
) -> Replication:
    """One replication of a place under a policy (default: its practice), and the story of one dispute in it.

    With `posterior="auto"` it is the replication of that number of `run`, whose parameters are those of a draw; by
    default parameters are at their central values.
    """
    county = as_county(place, sets)
    found = county.place
    measures = None if policy is None else parse(policy, found)
    asked = (known_only, recorded, warm_up)
    drawn = draws_for(county.name, found, county.sets, posterior, reading)
    if drawn is None:
        model, made = single(found, measures, seed, replication, engine)
        return Replication(found, policy, seed, replication, dispute, *asked, model, made)
    run = PlaceRun(found, seed, "compiled", measures, drawn, PER_DRAW)
    run = run.possible(policy, county.sets, replication + 1)
    draw, _ = run.pairs(replication + 1)[-1]
    model = run.case.model(draw)
    chosen = choose_engine(engine, expected_disputes(model))
    made = simulator(chosen)(model, run.case.luck(draw, replication))
    told = (draw, drawn.reading(draw))
    return Replication(found, policy, seed, replication, dispute, *asked, model, made, *told)


def _events(trace: Trace, model: Model, dispute: int) -> list[dict[str, Any]]:
    midnight = datetime(model.first_day.year, model.first_day.month, model.first_day.day)
    out = []
    for row in trace.rows[trace.column("dispute") == dispute].tolist():
        told = dict(zip(ROW_COLUMNS, row, strict=True))
        out.append(
            {
                "time": (midnight + timedelta(minutes=told["minute"])).isoformat(),
                "minute": told["minute"],
                "in_window": told["minute"] >= trace.warm_up,
                "event": EventKind(told["event"]).name.lower(),
                "tier": Tier(told["tier"]).name.lower() if told["tier"] >= 0 else None,
                **{column: told[column] for column in ("job", "visit", "session", "detail")},
            }
        )
    return out
