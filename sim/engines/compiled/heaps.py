"""Two heaps for the compiled engine: events by one integer key, and queues from which anybody may leave.

The queue of a pool is a pairing heap (Fredman, Sedgewick, Sleator and Tarjan 1986) over items, one for each
job of a dispute: insertion is O(1), removal O(log n) amortised, and a dispute that leaves does not linger. Keys are a
total order, so the shape of the heap never shows.
"""

from __future__ import annotations

import numpy as np

from sim.engines.compiled.codes import NONE
from sim.engines.compiled.layout import ITEM
from sim.native.jit import part, small
from sim.native.memory import at

# Places without a sign: those that have one might count from the end.
FIRST, SECOND = np.uint64(0), np.uint64(1)
BIGGEST = np.int64(np.iinfo(np.int64).max)


@part
def push_event(heap, n, key):  # type: ignore[no-untyped-def]
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


@part
def pop_event(heap, n):  # type: ignore[no-untyped-def]
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


@part
def _meld(a, b, items):  # type: ignore[no-untyped-def]
    if a == NONE:
        return b
    if b == NONE:
        return a
    if at(items, b, ITEM).key < at(items, a, ITEM).key:
        a, b = b, a
    upper, lower = at(items, a, ITEM), at(items, b, ITEM)
    first = np.int64(upper.child)
    lower.sibling = first
    if first != NONE:
        at(items, first, ITEM).back = b
    upper.child = b
    lower.back = a
    upper.sibling = NONE
    upper.back = NONE
    return a


@part
def _merge_children(first, items):  # type: ignore[no-untyped-def]
    """Two passes over a list of siblings: pair them up, then meld the pairs from the right."""
    stack = NONE
    while first != NONE:
        one = at(items, first, ITEM)
        second, pair = np.int64(one.sibling), first
        rest = NONE
        one.back = NONE
        if second != NONE:
            other = at(items, second, ITEM)
            rest = np.int64(other.sibling)
            one.sibling = NONE
            other.sibling = NONE
            other.back = NONE
            pair = _meld(first, second, items)
        at(items, pair, ITEM).sibling = stack  # the list of pairs, newest first
        stack = pair
        first = rest
    root = NONE
    while stack != NONE:
        top = at(items, stack, ITEM)
        rest = np.int64(top.sibling)
        top.sibling = NONE
        root = _meld(root, stack, items)
        stack = rest
    return root


@small
def insert(root, number, items):  # type: ignore[no-untyped-def]
    """Add an item whose key is set; returns the new root. `items` is the address of all items."""
    item = at(items, number, ITEM)
    item.child = NONE
    item.sibling = NONE
    item.back = NONE
    return number if root == NONE else _meld(root, number, items)


@small
def remove_first(root, items):  # type: ignore[no-untyped-def]
    """Take the first item out; returns the new root."""
    item = at(items, root, ITEM)
    first = np.int64(item.child)
    item.child = NONE
    return NONE if first == NONE else _merge_children(first, items)


@part
def remove(root, number, items):  # type: ignore[no-untyped-def]
    """Take an item out, wherever it is; returns the new root."""
    if number == root:
        return remove_first(root, items)
    item = at(items, number, ITEM)
    below = _merge_children(np.int64(item.child), items)
    before, after = np.int64(item.back), np.int64(item.sibling)
    item.child = NONE
    item.sibling = NONE
    item.back = NONE
    if at(items, before, ITEM).child == number:
        at(items, before, ITEM).child = after
    else:
        at(items, before, ITEM).sibling = after
    if after != NONE:
        at(items, after, ITEM).back = before
    return _meld(root, below, items)
