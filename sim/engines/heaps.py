"""Two heaps for the compiled engine: events by one integer key, and queues from which anybody may leave.

The queue of a pool is a pairing heap (Fredman, Sedgewick, Sleator and Tarjan 1986) over items, one for each
job of a dispute: insertion is O(1), removal O(log n) amortised, and a dispute that leaves does not linger. Keys are a
total order, so the shape of the heap never shows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engines.jit import njit

NONE = -1
FIRST, SECOND = (
    np.uint64(0),
    np.uint64(1),
)  # places without a sign: those that have one might count from the end
BIGGEST = np.int64(np.iinfo(np.int64).max)


@njit(cache=True)
def push_event(heap: Any, n: int, key: int) -> int:
    """Add a key to the binary heap of n keys; returns n + 1."""
    i = np.uint64(n)
    while i > FIRST:
        parent = (i - SECOND) >> SECOND
        above = heap[parent]
        if above <= key:
            break
        heap[i] = above
        i = parent
    heap[i] = key
    return n + 1


@njit(cache=True)
def pop_event(heap: Any, n: int) -> int:
    """Take the smallest of n keys out of the heap (`heap[0]`, read it first); returns n - 1.

    Which child is the smaller one is a toss-up, so it is worked out without a branch; the place behind the last key
    holds a very large one for that.
    """
    last = np.uint64(n - 1)
    key = heap[last]
    heap[last] = BIGGEST
    i, j = FIRST, SECOND
    while j < last:
        left, right = heap[j], heap[j + SECOND]
        j += np.uint64(right < left)
        least = min(left, right)
        if least >= key:
            break
        heap[i] = least
        i = j
        j = i + i + SECOND
    heap[i] = key
    return n - 1


@njit(cache=True)
def _meld(a: int, b: int, items: Any) -> int:
    if a == NONE:
        return b
    if b == NONE:
        return a
    if items[b].key < items[a].key:
        a, b = b, a
    first = items[a].child
    items[b].sibling = first
    if first != NONE:
        items[first].back = b
    items[a].child = b
    items[b].back = a
    items[a].sibling = NONE
    items[a].back = NONE
    return a


@njit(cache=True)
def _merge_children(first: int, items: Any) -> int:
    """Two passes over a list of siblings: pair them up, then meld the pairs from the right."""
    stack = NONE
    while first != NONE:
        second = items[first].sibling
        if second == NONE:
            rest = NONE
            pair = first
            items[pair].back = NONE
        else:
            rest = items[second].sibling
            items[first].sibling = NONE
            items[second].sibling = NONE
            items[first].back = NONE
            items[second].back = NONE
            pair = _meld(first, second, items)
        items[pair].sibling = stack  # the list of pairs, newest first
        stack = pair
        first = rest
    root = NONE
    while stack != NONE:
        nxt = items[stack].sibling
        items[stack].sibling = NONE
        root = _meld(root, stack, items)
        stack = nxt
    return root


@njit(cache=True)
def insert(root: int, item: int, items: Any) -> int:
    """Add an item whose key is set; returns the new root."""
    items[item].child = NONE
    items[item].sibling = NONE
    items[item].back = NONE
    return _meld(root, item, items)


@njit(cache=True)
def remove(root: int, item: int, items: Any) -> int:
    """Take an item out, wherever it is; returns the new root."""
    below = _merge_children(items[item].child, items)
    items[item].child = NONE
    if item == root:
        return below
    before = items[item].back
    after = items[item].sibling
    if items[before].child == item:
        items[before].child = after
    else:
        items[before].sibling = after
    if after != NONE:
        items[after].back = before
    items[item].sibling = NONE
    items[item].back = NONE
    return _meld(root, below, items)
