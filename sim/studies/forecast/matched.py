"""From the disputes that a register has open on a day to what becomes of them, by simulated disputes like them.

In place of each open dispute stands one of the simulated county that is open on the same day: at the same stage, of the
same kind, about as old, under the same parameters. What becomes of that one, with a policy and without, with the hours
that it takes, is what is forecast. New disputes are those of the simulation, as many as the register's receipts of the
last year say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sim.export.activities import STAGES
from sim.ledger.closings import closings
from sim.ledger.forecast import LIMIT, as_of
from sim.ledger.ledger import KINDS, MINUTES_PER_DAY, Ledger
from sim.studies.forecast.watched import Seen
from sim.vocabulary import End

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
UNKNOWN = -1
YEAR = 365  # days of receipts that tell how many come
TIER_APART, KIND_APART, AGE_APART = (
    2.0,
    1.0,
    1.5,
)  # distance of another stage, another kind, and e times the age
YOUNG = 7.0  # days: ages below are much alike
REACH = 0.3  # scale of the distance over which simulated disputes stand for a real one
OWN_LIMITS = 10  # disputes with a limit of their own from which on new ones are given such, too
NUMBERS = ("open", "overdue", "received", "closed", "unresolved", "suits")
_PUT_DOWN = (End.WITHDRAWN, End.LUMPED)
_TIER_OF = {name: int(tier) for tier, name in STAGES.items()}
_KIND_OF = {name: i for i, name in enumerate(KINDS)}


@dataclass(frozen=True)
class Stock:
    """Disputes that are open in a register on a day, an entry each, and what the register says of new ones.

    `age` and `limit` are in days from the receipt, `town` indexes `towns`; -1 is not known. `receipts` came in the
    `days` before; `by_town` counts those of all days, `limits` are those of disputes that have one.
    """

    kind: Ints
    tier: Ints
    age: Floats
    limit: Floats
    town: Ints
    towns: tuple[str, ...]
    receipts: int
    days: int
    by_town: Ints
    limits: Floats

    def __len__(self) -> int:
        return len(self.kind)


def stock_of(ledger: Ledger, day: datetime) -> Stock:
    """What a register has open as a day begins; what happened later was not known."""
    held = as_of(ledger, day)
    found = closings(held)
    towns = tuple(sorted({c.case.town for c in found if c.case.town}))
    at = {town: i for i, town in enumerate(towns)}
    still = [c for c in found if not c.how]
    own = np.array([(c.case.limit - c.begun) / MINUTES_PER_DAY for c in found if c.case.limit is not None])
    limit = [LIMIT if c.case.limit is None else (c.case.limit - c.begun) / MINUTES_PER_DAY for c in still]
    days = min(YEAR, int(held.days))
    since = held.close - days * MINUTES_PER_DAY
    counted = Counter(c.case.town for c in found)
    return Stock(
        np.array([_KIND_OF.get(c.case.kind, UNKNOWN) for c in still], dtype=np.int64),
        np.array([_TIER_OF.get(c.stage, UNKNOWN) for c in still], dtype=np.int64),
        np.array([c.minutes / MINUTES_PER_DAY for c in still], dtype=float),
        np.array(limit, dtype=float),
        np.array([at.get(c.case.town, UNKNOWN) for c in still], dtype=np.int64),
        towns,
        sum(c.begun >= since for c in found),
        days,
        np.array([counted[t] for t in towns], dtype=np.int64),
        own if len(own) >= OWN_LIMITS else np.array([float(LIMIT)]),
    )


@dataclass(frozen=True)
class Foreseen:
    """What one replication forecasts under one policy; the first axis of all is the horizon.

    `numbers` has a column for each of `NUMBERS`, `by_town` open disputes by township, `hours` those of each staff
    group, `town_hours` those for the disputes of each township (horizons, townships, groups), `limits` the hours that
    each group has (infinite where it is not limited).
    """

    numbers: Floats
    by_town: Floats
    hours: Floats
    town_hours: Floats
    limits: Floats


def foreseen(
    stock: Stock,
    cases: Sequence[Sequence[Seen]],
    day: int,
    horizons: Sequence[int],
    luck: np.random.Generator,
) -> list[list[Foreseen]]:
    """For each replication of one draw of parameters what it forecasts, under every case.

    `cases` has the replications of each case: of the first, the practice, simulated disputes are chosen. `day` counts
    as the days of the replications do. Hours are told where `day` is 0 only: nobody read them of other days. Nothing
    is forecast where disputes are open and none is in these replications.
    """
    practice = cases[0]
    chance = _chances(stock, practice, day)
    if len(stock) and not chance.shape[1]:
        return []
    where = _places(practice, day)
    before = [
        int(((s.openings.received >= day - stock.days) & (s.openings.received < day)).sum()) for s in practice
    ]
    each = float(np.mean(before)) + 0.5
    out = []
    for r in range(len(practice)):
        many = luck.gamma(stock.receipts + 0.5) / each
        town_shares = luck.dirichlet(stock.by_town + 0.5) if len(stock.towns) else np.zeros(0)
        picks = _picked(chance, len(stock), luck)
        seed = int(luck.integers(1 << 32))
        out.append(
            [_one(stock, where[picks], case, r, day, horizons, many, town_shares, seed) for case in cases]
        )
    return out


def _places(practice: Sequence[Seen], day: int) -> Ints:
    """Every simulated dispute that is open on the day: replication, dispute, day of receipt; shape (disputes, 3)."""
    parts = []
    for r, s in enumerate(practice):
        at = np.flatnonzero(s.openings.open_on(day))
        parts.append(np.stack([np.full(len(at), r), s.openings.dispute[at], s.openings.received[at]], axis=1))
    return np.concatenate(parts)


def _chances(stock: Stock, practice: Sequence[Seen], day: int) -> Floats:
    """Chance of each simulated dispute to stand for each open one, cumulated; shape (open, simulated)."""
    kind, tier, age = [], [], []
    for s in practice:
        at = s.openings.open_on(day)
        kind.append(s.openings.kind[at])
        tier.append(s.openings.tier_on(day)[at])
        age.append(day - s.openings.received[at])
    kinds, tiers, ages = (np.concatenate(x)[None, :] for x in (kind, tier, age))
    apart = TIER_APART * ((tiers != stock.tier[:, None]) & (stock.tier[:, None] != UNKNOWN))
    apart = apart + KIND_APART * ((kinds != stock.kind[:, None]) & (stock.kind[:, None] != UNKNOWN))
    apart = apart + AGE_APART * np.abs(np.log((ages + YOUNG) / (stock.age[:, None] + YOUNG)))
    if not apart.shape[1]:
        return np.asarray(apart)
    weight = np.exp(-(apart - apart.min(axis=1, keepdims=True)) / REACH)
    return np.asarray(np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True))


def _picked(chance: Floats, n: int, luck: np.random.Generator) -> Ints:
    """Which simulated dispute stands for each open one."""
    if not n:
        return np.zeros(0, dtype=np.int64)
    return np.asarray((chance < luck.random(n)[:, None]).sum(axis=1).clip(max=chance.shape[1] - 1))


def _one(
    stock: Stock,
    picked: Ints,
    case: Sequence[Seen],
    r: int,
    day: int,
    horizons: Sequence[int],
    many: float,
    town_shares: Floats,
    seed: int,
) -> Foreseen:
    """What becomes of the picked disputes under a case, and of new ones of its replication `r`, `many` for each."""
    old, minutes = _of_picked(picked, case, day, len(horizons))
    new = case[r].openings
    at = np.flatnonzero(new.received >= day)
    # The same dispute has the same luck under every case.
    u = np.random.default_rng(seed).random((3, int(new.dispute.max(initial=0)) + 1))[:, new.dispute[at]]
    copies = np.floor(many) + (u[0] < many % 1.0)
    town = np.searchsorted(np.cumsum(town_shares), u[1], side="right")
    limit = stock.limits[(u[2] * len(stock.limits)).astype(np.int64)]
    ended, how, suit, received = (x[at] for x in (new.ended, new.how, new.suit, new.received))
    towns = len(stock.towns)
    numbers, by_town = np.zeros((len(horizons), len(NUMBERS))), np.zeros((len(horizons), towns))
    for i, h in enumerate(horizons):
        then = day + h
        still, open_ = old[:, 0] >= then, (received < then) & (ended >= then)
        late = (still & (stock.age + h > stock.limit)).sum() + copies[open_ & (then - received > limit)].sum()
        come = copies[received < then].sum()
        left = still.sum() + copies[open_].sum()
        gone = ((~still) & np.isin(old[:, 1], _PUT_DOWN)).sum()
        gone = gone + copies[(ended < then) & np.isin(how, _PUT_DOWN)].sum()
        suits = ((old[:, 2] >= day) & (old[:, 2] < then)).sum() + copies[(suit >= day) & (suit < then)].sum()
        numbers[i] = left, late, come, len(stock) + come - left, gone, suits
        where = np.concatenate([stock.town[still], np.where(town < towns, town, UNKNOWN)[open_]])
        weight = np.concatenate([np.ones(int(still.sum())), copies[open_]])
        by_town[i] = np.bincount(where[where >= 0], weights=weight[where >= 0], minlength=towns)
    if day:
        nothing = np.zeros((len(horizons), 0))
        return Foreseen(numbers, by_town, nothing, np.zeros((len(horizons), towns, 0)), nothing)
    # What is written down is a part of what is known: the hours of the others are the same.
    part, effort = min(1.0, many), case[r].effort
    rest = (effort.busy - effort.own.sum(axis=1)) * max(1.0, many)
    own = minutes / part
    hours = (own.sum(axis=1) + rest) / 60.0
    town_hours = np.zeros((len(horizons), towns, hours.shape[1]))
    for j in range(towns):
        town_hours[:, j] = (own[:, stock.town == j].sum(axis=1) + rest * town_shares[j]) / 60.0
    return Foreseen(numbers, by_town, hours, town_hours, effort.available / 60.0)


def _of_picked(picked: Ints, case: Sequence[Seen], day: int, horizons: int) -> tuple[Ints, Floats]:
    """End, how and suit of simulated disputes under a case, and their minutes (horizons, disputes, groups)."""
    groups = case[0].effort.busy.shape[1]
    out, minutes = np.zeros((len(picked), 3), dtype=np.int64), np.zeros((horizons, len(picked), groups))
    for r, s in enumerate(case):
        mine = np.flatnonzero(picked[:, 0] == r)
        if not len(mine):
            continue
        o = s.openings
        key = o.dispute * (1 << 20) + (o.received + (1 << 19))
        order = np.argsort(key)
        at = order[np.searchsorted(key[order], picked[mine, 1] * (1 << 20) + (picked[mine, 2] + (1 << 19)))]
        out[mine] = np.stack([o.ended[at], o.how[at], o.suit[at]], axis=1)
        if day == 0:
            place = np.full(len(o), -1, dtype=np.int64)
            place[s.effort.opening] = np.arange(len(s.effort.opening))
            known = place[at] >= 0
            minutes[:, mine[known]] = s.effort.own[:, place[at[known]]]
    return out, minutes
