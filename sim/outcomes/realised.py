"""What the model gives of the figures that evidence speaks of (`sim.scenario.evidence`), and how many cases are behind.

Shares and rates are smoothed by half a case, so that none is 0 or 1; a number of days without a case is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes.reading import Flags, Ints, Reading, column, table_of
from sim.outcomes.tally import STAY_TIERS, Tally
from sim.scenario.evidence import REALISED, REALISED_PREFIX
from sim.traces import ROW_COLUMNS
from sim.vocabulary import End, EventKind, Kind, Tier

BEHIND = "cases behind "
# A suit that the parties settle between themselves is withdrawn in court statistics; one given up, too.
ENDS = {
    "judged": (End.ADJUDICATED,),
    "settled": (End.SETTLED,),
    "withdrawn": (End.WITHDRAWN, End.SELF_SETTLED, End.LUMPED),
}


def realised_name(figure: str, part: str = "") -> str:
    """The name under which a realised output is found among those of a replication."""
    return f"{REALISED_PREFIX}{figure} {part}".rstrip()


def behind_name(figure: str) -> str:
    """The name under which the number of cases behind it is found."""
    return f"{BEHIND}{figure}"


@dataclass(frozen=True)
class _Value:
    """Values by part ("" where there is one), and the number of cases behind them."""

    values: Mapping[str, float]
    cases: float


def _share(yes: float, of: float) -> _Value:
    return _Value({"": 100.0 * (yes + 0.5) / (of + 1.0)}, of)


def _rate(count: float, per: float) -> _Value:
    return _Value({"": (count + 0.5) / per}, count)


def _mean(days: NDArray[np.float64]) -> _Value:
    return _Value({"": float(days.mean()) if len(days) else float("nan")}, float(len(days)))


class _Moves:
    """The rows of a trace that begin or end a stay at a tier, copied out once: they are few."""

    def __init__(self, reading: Reading) -> None:
        trace = reading.trace
        moves = table_of((EventKind.KNOWN, EventKind.REOPEN, EventKind.CLIMB, EventKind.END))
        rows = trace.rows[np.flatnonzero(moves.take(column(trace, "event")))]
        columns = ("minute", "event", "dispute", "tier", "detail")
        self.minute, self.event, self.dispute, self.tier, self.detail = (
            np.ascontiguousarray(rows[:, ROW_COLUMNS.index(name)]) for name in columns
        )
        self.warm_up, self.kinds = trace.warm_up, trace.dispute_column("kind")


class _Stays:
    """Stays at one tier that ended in the window: days, kind, and how they ended (-1: passed on)."""

    def __init__(self, moves: _Moves, tier: Tier) -> None:
        climbs, ends = moves.event == EventKind.CLIMB, moves.event == EventKind.END
        comes = np.flatnonzero(np.where(climbs, moves.detail == tier, ~ends & (moves.tier == tier)))
        goes = np.flatnonzero((climbs | ends) & (moves.tier == tier))
        # The last arrival of the same dispute before each departure, in the order of the trace.
        width = len(moves.event) + 1
        arrivals = np.sort(moves.dispute[comes].astype(np.int64) * width + comes)
        before = np.searchsorted(arrivals, moves.dispute[goes].astype(np.int64) * width + goes) - 1
        began = moves.minute[arrivals[np.maximum(before, 0)] % width] if len(arrivals) else moves.minute[goes]
        kept = moves.minute[goes] >= moves.warm_up
        self.days = (moves.minute[goes] - began)[kept] / 1440.0
        self.end: Ints = np.where(ends[goes], moves.detail[goes], -1)[kept]
        self.kind: Ints = moves.kinds[moves.dispute[goes][kept]]

    def ended(self) -> Flags:
        """Those that ended here."""
        return self.end >= 0


def realised(reading: Reading, tally: Tally, model: Model) -> Iterator[tuple[str, float]]:
    """Name and value of every realised output, and of the number of cases behind it."""
    person_years = float(model.place.population.persons.value) * model.window_days / 365.0
    moves = _Moves(reading)
    court, trial = _Stays(moves, Tier.COURT_MEDIATION), _Stays(moves, Tier.TRIAL)
    family = trial.ended() & (trial.kind == Kind.FAMILY)

    def left(tier: Tier) -> int:
        return int(tally.counts[[EventKind.END, EventKind.CLIMB], tier].sum())

    def settled(tier: Tier) -> int:
        return int(tally.counts[EventKind.END, tier, End.SETTLED])

    def taken_up(tier: Tier) -> int:
        """Stays less those that were refused: what sources count, and what `resolves` is a share of."""
        refused = tally.counts[[EventKind.REFUSED, EventKind.BYPASSED], tier].sum()
        return max(left(tier) - int(refused), settled(tier))

    def of_kind(kind: Kind) -> _Value:
        return _mean(trial.days[trial.ended() & (trial.kind == kind)])

    def ends() -> _Value:
        numbers = {part: float(np.isin(trial.end[family], end).sum()) for part, end in ENDS.items()}
        of = sum(numbers.values())
        return _Value({part: 100.0 * (n + 0.5) / (of + 1.5) for part, n in numbers.items()}, of)

    def petitions() -> NDArray[np.int64]:
        by_number: NDArray[np.int64] = tally.counts[EventKind.PETITION].sum(axis=0)
        return by_number

    kinds = reading.trace.dispute_column("kind")
    found: dict[str, Callable[[], _Value]] = {
        "police_resolved": lambda: _share(settled(Tier.POLICE), taken_up(Tier.POLICE)),
        "court_mediation_settled": lambda: _share(
            settled(Tier.COURT_MEDIATION), taken_up(Tier.COURT_MEDIATION)
        ),
        "court_mediation_days": lambda: _mean(court.days[court.end == End.SETTLED]),
        "family_suits_per_10000": lambda: _rate(
            float(tally.filings[kinds == Kind.FAMILY].sum()), person_years / 10_000
        ),
        "petitions_per_1000": lambda: _rate(model.registered * float(petitions().sum()), person_years / 1000),
        "petition_repeat_share": lambda: _share(float(petitions()[2:-1].sum()), float(petitions().sum())),
        "family_suit_ends": ends,
        "trial_days_family": lambda: of_kind(Kind.FAMILY),
        "trial_days_contract": lambda: of_kind(Kind.CONTRACT),
        "trial_days_damages": lambda: of_kind(Kind.DAMAGES),
    }
    assert found.keys() == REALISED.keys() and len(STAY_TIERS) > Tier.TRIAL
    for name, value in found.items():
        one = value()
        yield behind_name(name), one.cases
        for part, x in one.values.items():
            yield realised_name(name, part), x
