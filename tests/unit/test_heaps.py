"""The two heaps against a sorted list."""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from sim.engines.compiled import heaps, layout
from sim.engines.compiled.codes import NONE

ITEMS = 24
# Called from machine code, as the engine does.
push_event = njit(lambda heap, n, key: heaps.push_event(heap, n, key))
pop_event = njit(lambda heap, n: heaps.pop_event(heap, n))
insert = njit(lambda root, item, items: heaps.insert(root, item, items))  # `items`: the address
remove = njit(lambda root, item, items: heaps.remove(root, item, items))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=st.lists(st.none() | st.integers(0, 2**61), max_size=120))
def test_the_heap_of_events_gives_the_smallest_key(steps: list[int | None]) -> None:
    heap, n, model = np.zeros(128, dtype=np.int64), 0, list[int]()
    for key in steps:
        if key is not None:
            n = push_event(heap, n, key)
            bisect.insort(model, key)
        elif model:
            assert heap[0] == model.pop(0)
            n = pop_event(heap, n)
        assert n == len(model)
        assert sorted(heap[:n].tolist()) == model
    while model:
        assert heap[0] == model.pop(0)
        n = pop_event(heap, n)


def test_a_long_run_of_events_comes_out_sorted() -> None:
    @njit
    def drain(keys: Any, heap: Any, out: Any) -> None:
        n = 0
        for key in keys:
            n = push_event(heap, n, key)
        for i in range(len(keys)):
            out[i] = heap[0]
            n = pop_event(heap, n)

    keys = np.random.default_rng(4).integers(0, 2**60, 20_000)
    out = np.zeros_like(keys)
    drain(keys, np.zeros_like(keys), out)
    np.testing.assert_array_equal(out, np.sort(keys))


def check(root: int, items: np.ndarray, keys: dict[int, int]) -> None:
    """Parents come before children, pointers point both ways, and nothing is lost."""
    assert (root == NONE) == (not keys)
    if root == NONE:
        return
    assert items[root]["back"] == NONE and items[root]["sibling"] == NONE
    seen, stack = {root}, [root]
    while stack:
        parent = stack.pop()
        before, child = parent, int(items[parent]["child"])
        while child != NONE:
            assert child not in seen
            assert items[child]["back"] == before
            assert items[child]["key"] > items[parent]["key"]
            seen.add(child)
            stack.append(child)
            before, child = child, int(items[child]["sibling"])
    assert seen == set(keys)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    first=st.permutations(range(ITEMS)),
    steps=st.lists(
        st.tuples(st.sampled_from(["enter", "leave", "serve"]), st.integers(0, 99), st.integers(0, 3)),
        min_size=10,
        max_size=80,
    ),
)
def test_a_queue_serves_the_first_whoever_leaves_in_between(
    first: list[int], steps: list[tuple[str, int, int]]
) -> None:
    items, root, keys = layout.room("a test", ITEMS, layout.ITEM), NONE, dict[int, int]()

    def enter(item: int, priority: int) -> int:
        items[item]["key"] = keys[item] = priority * 100 + item  # keys are unique, priorities are not
        return int(insert(root, item, items.ctypes.data))

    def serve() -> int:
        best = min(keys, key=keys.__getitem__)
        assert root == best
        del keys[best]
        return int(remove(root, root, items.ctypes.data))

    for item in first:
        root = enter(item, item % 3)
    for what, number, priority in steps:
        away = [item for item in range(ITEMS) if item not in keys]
        if what == "enter" and away:
            root = enter(away[number % len(away)], priority)
        elif what == "leave" and keys:
            item = sorted(keys)[number % len(keys)]
            del keys[item]
            root = remove(root, item, items.ctypes.data)
        elif what == "serve" and keys:
            root = serve()
        check(root, items, keys)
    while keys:
        root = serve()
    assert root == NONE
