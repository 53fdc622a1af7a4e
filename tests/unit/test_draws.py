"""Luck is the published generator, the same in all three versions of it, and looks like luck."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from sim import clock
from sim.draws import MAX_PER_VILLAGE, SLOT_SHIFT, Draws, Table, philox, visit_key
from sim.engines.compiled.machine import philox_uniform
from sim.model.tables import ROUND_KEYS
from sim.scenario import checks
from sim.vocabulary import DecisionPoint, Tier

# Called from machine code, as the engine does; some of its parts cannot be called from Python.
machine_uniform = njit(lambda key, slot, visit, point: philox_uniform(key[0], key[1], slot, visit, point))
WORD = st.integers(0, 2**32 - 1)
ONES = 2**32 - 1

# Counter, key and result, from the file of known answers that comes with Random123 (philox4x32, 10 rounds).
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(
    counter: tuple[int, int, int, int], key: tuple[int, int], answer: tuple[int, int, int, int]
) -> None:
    assert philox(counter, key) == answer


@settings(max_examples=60, deadline=None, derandomize=True)
@given(counter=st.tuples(*[st.integers(0, 2**64 - 1)] * 4), key=st.tuples(*[st.integers(0, 2**64 - 1)] * 2))
def test_with_words_of_64_bits_it_is_the_generator_of_numpy(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> None:
    """Numpy has Philox4x64-10 only: same rounds and key schedule, other constants. It counts up before it draws."""
    number = sum(word << (64 * i) for i, word in enumerate(counter))
    before = (number - 1) % 2**256
    generator = np.random.Philox(
        counter=np.array([(before >> (64 * i)) & (2**64 - 1) for i in range(4)], dtype=np.uint64),
        key=np.array(key, dtype=np.uint64),
    )
    assert tuple(int(x) for x in generator.random_raw(4)) == philox(counter, key, bits=64)


def with_key(k0: int, k1: int) -> Draws:
    draws = Draws(0, 0)
    draws.key = k0, k1
    return draws


@settings(max_examples=60, deadline=None, derandomize=True)
@given(slot=WORD, visit=WORD, point=WORD, k0=WORD, k1=WORD)
def test_arrays_and_machine_code_give_the_same_bits(
    slot: int, visit: int, point: int, k0: int, k1: int
) -> None:
    draws = with_key(k0, k1)
    expected = draws.u(point, visit, slot)
    assert expected == (philox((slot, visit, point, 0), (k0, k1))[0] + 0.5) * 2.0**-32
    assert draws.column(point, visit, np.array([slot, 5], dtype=np.int64)).tolist()[0] == expected
    assert machine_uniform(np.array([k0, k1], dtype=np.uint64), slot, visit, point) == expected


def test_the_fast_versions_know_the_known_answer() -> None:
    """The one whose fourth counter word is 0, as it always is for a draw."""
    expected = (0x6627E8D5 + 0.5) / 2**32
    assert with_key(0, 0).column(0, 0, np.array([0])).tolist() == [expected]
    assert machine_uniform(np.zeros(2, dtype=np.uint64), 0, 0, 0) == expected


def test_a_column_takes_a_visit_key_for_each_dispute() -> None:
    draws, slots = Draws(3, 1), np.arange(40) * 7
    keys = np.arange(40) % 5
    found = draws.column(DecisionPoint.RECORDING, keys, slots)
    assert found.tolist() == [
        draws.u(DecisionPoint.RECORDING, int(k), int(s)) for k, s in zip(keys, slots, strict=True)
    ]
    assert draws.column(DecisionPoint.RECORDING, 0, np.zeros(0, dtype=np.int64)).shape == (0,)


def test_the_table_gives_the_draws_of_the_function_in_any_order() -> None:
    draws, slots = Draws(8, 2), np.array([0, 1, 2, 65536, 65537, 9 << SLOT_SHIFT])
    table = Table(draws, slots)
    asked = list(
        itertools.product((DecisionPoint.SUCCESS, DecisionPoint.GAP), (0, 17, 300), range(len(slots)))
    )
    for point, visit, dispute in asked + asked[::-1]:
        assert table.u(point, visit, dispute) == draws.u(point, visit, int(slots[dispute]))
        assert table.place(point, visit, dispute) == draws.u(point, visit, dispute)


def test_a_draw_is_strictly_between_0_and_1() -> None:
    """At the smallest and the greatest word; in single precision the latter would round to 1."""
    low, high = (0 + 0.5) * 2.0**-32, (ONES + 0.5) * 2.0**-32
    assert 0.0 < low < high < 1.0
    assert 1.0 - high == low  # symmetric, and log(1 - u) is finite
    u = Draws(1, 1).column(0, 0, np.arange(200_000))
    assert u.min() > 0.0 and u.max() < 1.0
    assert ((u * 2**32 - 0.5) % 1 == 0).all()  # exact: no bit is lost


def test_no_two_moments_share_their_luck() -> None:
    keys = {visit_key(t, n, s) for t in Tier for n in range(16) for s in range(16)}
    assert len(keys) == len(Tier) * 256
    assert max(keys) < 2**32
    assert max(DecisionPoint) < 2**32 and len(set(DecisionPoint)) == len(DecisionPoint)
    assert MAX_PER_VILLAGE == 1 << SLOT_SHIFT  # or the last of a village would be the first of the next


def test_the_largest_place_that_is_admitted_fits_into_keys() -> None:
    """Slots and round numbers in 32 bits, as the generator needs; times in the packed keys of events and queues."""
    assert (checks.MAX_VILLAGES - 1) << SLOT_SHIFT | (MAX_PER_VILLAGE - 1) < 2**32
    assert ((ROUND_KEYS - 1) << 16 | 0xFFFF) < 2**32
    assert min(clock.MAX_MINUTES, 1 << 30) > checks.MAX_DAYS * 1440
    assert checks.MAX_EXPECTED < clock.MAX_DISPUTES


def test_machine_code_packs_visit_keys_alike() -> None:
    compiled = njit(lambda t, n, s: visit_key(t, n, s))
    for moment in itertools.product((0, 3, 8), (0, 1, 15), (0, 1, 15)):
        assert compiled(*moment) == visit_key(*moment)


def test_seed_and_replication_make_the_key() -> None:
    pairs = [(seed, replication) for seed in range(40) for replication in range(40)]
    keys = {Draws(*pair).key for pair in pairs}
    assert len(keys) == len(pairs)
    assert Draws(1, 2).key == Draws(1, 2).key
    assert Draws(12345, 7).key == tuple(
        np.random.SeedSequence(12345, spawn_key=(7,)).generate_state(2, np.uint32)
    )


N = 100_000


def test_draws_are_uniform() -> None:
    """Kolmogorov and Smirnov's distance for eight decision points; the least p-value of eight, so 0.0001 is rare."""
    draws, slots = Draws(2024, 0), np.arange(N)
    p = [stats.kstest(draws.column(point, 0, slots), "uniform").pvalue for point in range(0, 48, 6)]
    assert min(p) > 1e-4


def test_low_bits_of_the_word_are_uniform_too() -> None:
    word = (Draws(2024, 1).column(3, 0, np.arange(N)) * 2**32 - 0.5).astype(np.uint64)
    counts = np.bincount((word & np.uint64(255)).astype(np.int64), minlength=256)
    assert stats.chisquare(counts).pvalue > 1e-4


NEIGHBOURS = {
    "decision point": lambda d, slots: d.column(29, 0, slots),
    "visit": lambda d, slots: d.column(28, visit_key(1, 2, 0), slots),
    "session": lambda d, slots: d.column(28, visit_key(1, 1, 1), slots),
    "tier": lambda d, slots: d.column(28, visit_key(2, 1, 0), slots),
    "dispute": lambda d, slots: d.column(28, visit_key(1, 1, 0), slots + 1),
    "village": lambda d, slots: d.column(28, visit_key(1, 1, 0), slots + (1 << SLOT_SHIFT)),
    "replication": lambda d, slots: Draws(5, 1).column(28, visit_key(1, 1, 0), slots),
    "seed": lambda d, slots: Draws(6, 0).column(28, visit_key(1, 1, 0), slots),
}


@pytest.mark.parametrize("what", NEIGHBOURS)
def test_draws_next_to_each_other_are_independent(what: str) -> None:
    """A table of 10 by 10 cells against the product of its margins, for a step in each part of the key."""
    draws, slots = Draws(5, 0), np.arange(N)
    here = draws.column(28, visit_key(1, 1, 0), slots)
    there = NEIGHBOURS[what](draws, slots)
    table, _, _ = np.histogram2d(here, there, bins=10, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > 1e-4
    assert abs(np.corrcoef(here, there)[0, 1]) < 4 / np.sqrt(N)
