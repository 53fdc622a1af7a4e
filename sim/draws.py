"""Luck: a pure function of decision point, visit key and dispute, under a seed and a replication.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11) is evaluated at the
counter (slot, visit key, decision point, 0) with a key made of seed and replication. Its first word x becomes
u = (x + 0.5) / 2**32, which lies strictly between 0 and 1. Nothing is consumed, so nothing can shift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SLOT_SHIFT = 16  # a dispute's slot is (village << 16) | its number in the village
MAX_PER_VILLAGE = 1 << SLOT_SHIFT
ROUND_SHIFT = 16
ROUND_NUMBERS = 1 << ROUND_SHIFT
_M0, _M1 = 0xD2511F53, 0xCD9E8D57
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_MASK = 0xFFFFFFFF


def philox(
    counter: tuple[int, int, int, int], key: tuple[int, int], bits: int = 32
) -> tuple[int, int, int, int]:
    """Philox 4 x `bits` (32 or 64), ten rounds, in plain integers: the yardstick for the fast versions."""
    mask = (1 << bits) - 1
    if bits == 32:
        m0, m1, w0, w1 = _M0, _M1, _W0, _W1
    else:
        m0, m1, w0, w1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157, 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = m0 * c0, m1 * c2
        c0, c1, c2, c3 = (p1 >> bits) ^ c1 ^ k0, p1 & mask, (p0 >> bits) ^ c3 ^ k1, p0 & mask
        k0, k1 = (k0 + w0) & mask, (k1 + w1) & mask
    return c0, c1, c2, c3


def visit_key(tier: int, visit: int, session: int) -> int:
    """Key of the luck of one session of one visit; `visit` and `session` are below 16. *Scalar.*"""
    return (tier << 8) | (visit << 4) | session


def spell_key(spell: int, number: int) -> int:
    """Key of the luck of the n-th of its sort in a spell of a dispute's life; `number` is below 16. *Scalar.*"""
    return (spell << 4) | number


def round_key(stream: int, number: int) -> int:
    """Key of the luck of one round of a stream of rounds; `number` is below ROUND_NUMBERS. *Scalar.*"""
    return (stream << ROUND_SHIFT) | number


class Draws:
    """All luck of one replication.

    `u(point, visit, slot)` is the definition. `column` evaluates it for many slots at once, and `Table` keeps columns
    for an engine that asks for one number at a time.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication
        words = np.random.SeedSequence(seed, spawn_key=(replication,)).generate_state(2, np.uint32)
        self.key: tuple[int, int] = (int(words[0]), int(words[1]))

    def u(self, point: int, visit: int, slot: int) -> float:
        """One uniform in (0, 1), in plain integers."""
        return (philox((slot, visit, int(point), 0), self.key)[0] + 0.5) * 2.0**-32

    def column(
        self, point: int, visit: int | NDArray[np.integer], slots: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """The same for an array of slots (and, if wanted, an array of visit keys of the same length)."""
        n = len(slots)
        c0 = slots.astype(np.uint64)
        c1 = np.broadcast_to(np.asarray(visit, dtype=np.uint64), (n,))
        c2 = np.full(n, int(point), dtype=np.uint64)
        c3 = np.zeros(n, dtype=np.uint64)
        k0, k1 = self.key
        shift, mask = np.uint64(32), np.uint64(_MASK)
        for _ in range(10):
            p0, p1 = np.uint64(_M0) * c0, np.uint64(_M1) * c2
            c0, c1, c2, c3 = (
                (p1 >> shift) ^ c1 ^ np.uint64(k0),
                p1 & mask,
                (p0 >> shift) ^ c3 ^ np.uint64(k1),
                p0 & mask,
            )
            k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
        return (c0.astype(np.float64) + 0.5) * 2.0**-32


class Table:
    """Draws for a fixed list of disputes, one column per (decision point, visit key), made when first asked for."""

    def __init__(self, draws: Draws, slots: NDArray[np.integer]) -> None:
        self._draws = draws
        self._slots = slots
        self._columns: dict[tuple[int, int], list[float]] = {}
        self._places: dict[tuple[int, int, int], float] = {}

    def u(self, point: int, visit: int, dispute: int) -> float:
        """The uniform of dispute number `dispute` (its index in the list)."""
        column = self._columns.get((point, visit))
        if column is None:
            column = self._columns[point, visit] = self._draws.column(point, visit, self._slots).tolist()
        return column[dispute]

    def place(self, point: int, visit: int, slot: int) -> float:
        """A uniform that belongs to a place (a village, a round), not to a dispute."""
        key = (point, visit, slot)
        value = self._places.get(key)
        if value is None:
            value = self._places[key] = self._draws.u(point, visit, slot)
        return value
