"""What a kind does more often than others it does on every route: by itself, while open, and when mediation fails."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines import compiled
from sim.model import build
from sim.traces import ROW_COLUMNS, Trace
from sim.vocabulary import Channel, End, EventKind, Kind, Tier
from tests.places import plain_place, rows_of

RATIO = 3.0
KINDS = {"family": {"suit": RATIO, "petition": 0.5}}
STANDARD_ERRORS = 4.5


Columns = dict[str, np.ndarray]


def _run(trial_days: float = 0.0, **sections: object) -> Trace:
    tiers = {"village": {"success": 0.0}, "court_mediation": {"success": 0.0}}
    place = plain_place(
        tiers | {"trial": {"delay_days": trial_days}},
        {"village": 0.6, "court": 0.3, "petition": 0.1},
        incidence={"latent_rate": 400},
        **sections,
    )
    return compiled.simulate(build(place), Draws(1, 1))


def _rows(trace: Trace, event: EventKind) -> Columns:
    """Columns of the rows of an event, with the kind of their dispute."""
    rows = rows_of(trace, event)
    columns = {name: rows[:, i].astype(int) for i, name in enumerate(ROW_COLUMNS)}
    return columns | {"kind": trace.dispute_column("kind")[columns["dispute"]]}


@cache
def _kinds_run() -> Trace:
    return _run(kinds=KINDS, going={"sues": 0.25})


def _confirm(hits: int, n: int, expected: float, other: float) -> None:
    """A share is as expected, and the sample would tell it from the other."""
    margin = STANDARD_ERRORS * np.sqrt(expected * (1 - expected) / n)
    assert abs(hits / n - expected) < margin < abs(expected - other) / 2, (hits / n, expected, other)


@pytest.mark.parametrize(
    ("kind", "court", "petition"),
    [(Kind.FAMILY, 0.9 / 1.55, 0.05 / 1.55), (Kind.OTHER, 0.3, 0.1)],
)
def test_parties_turn_to_the_court_by_their_kind(kind: Kind, court: float, petition: float) -> None:
    known = _rows(_kinds_run(), EventKind.KNOWN)
    channels = known["detail"][known["kind"] == kind]
    other = {Kind.FAMILY: 0.3, Kind.OTHER: 0.9 / 1.55}[kind]
    _confirm(int((channels == Channel.PARTY_COURT).sum()), len(channels), court, other)
    _confirm(int((channels == Channel.PARTY_PETITION).sum()), len(channels), petition, court)


@pytest.mark.parametrize(("kind", "goes_on"), [(Kind.FAMILY, 0.5), (Kind.OTHER, 0.25)])
def test_parties_sue_after_mediation_by_their_kind(kind: Kind, goes_on: float) -> None:
    """The odds are multiplied: 1:3 becomes 1:1."""
    rows = _rows(_kinds_run(), EventKind.FAILED)
    failed = rows["dispute"][(rows["tier"] == Tier.VILLAGE) & (rows["kind"] == kind)]
    climbed = _rows(_kinds_run(), EventKind.CLIMB)["dispute"]
    _confirm(int(np.isin(failed, climbed).sum()), len(failed), goes_on, 0.75 - goes_on)


def test_a_suit_is_withdrawn_once() -> None:
    """How suits end is what the shares say, however soon parties give up elsewhere."""
    shares = {"trial_settles": 0.4, "trial_withdraws": 0.25}
    rows = _rows(_run(trial_days=20, going=shares | {"withdrawal_days": 20}), EventKind.END)
    ends = rows["detail"][rows["tier"] == Tier.TRIAL]
    assert set(ends.tolist()) == {End.SETTLED, End.WITHDRAWN, End.ADJUDICATED}
    _confirm(int((ends == End.WITHDRAWN).sum()), len(ends), 0.25, 0.6)
    _confirm(int((ends == End.SETTLED).sum()), len(ends), 0.4, 0.2)
