"""What is to happen, by date: a binary heap of the events that are near, and lists of those that are far.

Time is cut into stretches of 2 ** `shift` minutes. Events of the present stretch are in the heap; those of a later one
are in its list, in disorder, and enter the heap when the stretch begins, if their clocks still show their minute
(most that do not ring are cleared long before). So the heap is small, and stays near the processor, however many
disputes there are. The order of events is that of their keys, wherever they were kept.

A list is a chain of chunks of 16 words. The first word of a chunk says where the chunk before it ends, the others are
keys; `ends` says for every stretch where its list ends, 0 if there is none. Used chunks are used again.
"""

from __future__ import annotations

import numpy as np

from sim.clock import DISPUTE_BITS, JOB_BITS, MINUTE_SHIFT, RANK_BITS, RANK_SHIFT
from sim.engines.compiled.codes import J_CASE, NONE
from sim.engines.compiled.heaps import push_event
from sim.engines.compiled.layout import DISPUTE, ITEM
from sim.native.jit import part, small
from sim.native.memory import at, fetch, view

RANKS, DISPUTES, EVERY_JOB = (np.int64((1 << bits) - 1) for bits in (RANK_BITS, DISPUTE_BITS, JOB_BITS))


@small
def minute_of(key):  # type: ignore[no-untyped-def]
    return key >> MINUTE_SHIFT


@small
def rank_of(key):  # type: ignore[no-untyped-def]
    return (key >> RANK_SHIFT) & RANKS


@small
def dispute_of(key):  # type: ignore[no-untyped-def]
    """The number of a dispute (or a pool) in the key of an event or of a place in a queue."""
    return (key >> JOB_BITS) & DISPUTES


@small
def job_of(key):  # type: ignore[no-untyped-def]
    return key & EVERY_JOB


@part
def put(s, minute, key):  # type: ignore[no-untyped-def]
    """Note an event. Nothing is ever due before the present stretch."""
    stretch = minute >> s.shift
    if stretch <= s.stretch:
        s.in_heap = push_event(view(s.heap, np.int64), s.in_heap, key)
        return
    ends, chunks = view(s.ends, np.int64), view(s.chunks, np.int64)
    place = ends[stretch]
    if place & 15 == 0:  # no list yet, or its last chunk is full
        chunk = s.unused
        if chunk == NONE:
            chunk = s.in_chunks
            s.in_chunks += 1
        else:
            s.unused = chunks[chunk << 4]
        chunks[chunk << 4] = place
        place = (chunk << 4) + 1
    chunks[place] = key
    ends[stretch] = place + 1


@part
def take_chunk(s):  # type: ignore[no-untyped-def]
    """Move one chunk of the present stretch into the heap; stale events are dropped."""
    heap, ends, chunks = view(s.heap, np.int64), view(s.ends, np.int64), view(s.chunks, np.int64)
    end = ends[s.stretch]
    first = (end - 1) & -16
    for place in range(first + 1, end):
        key = chunks[place]
        d = at(s.disputes, dispute_of(key), DISPUTE)
        if job_of(key) != J_CASE or d.clocks[rank_of(key)] == minute_of(key):
            s.in_heap = push_event(heap, s.in_heap, key)
    ends[s.stretch] = chunks[first]
    chunks[first] = s.unused
    s.unused = first >> 4


@part
def look_ahead(s, stretch):  # type: ignore[no-untyped-def]
    """Bring the disputes of a later stretch near: where there are many, fetching takes longer than all the rest."""
    chunks, end = view(s.chunks, np.int64), view(s.ends, np.int64)[stretch]
    while end != 0:
        first = (end - 1) & -16
        for place in range(first + 1, end):
            bring_near(s, dispute_of(chunks[place]))
        end = chunks[first]


@small
def bring_near(s, number):  # type: ignore[no-untyped-def]
    """A dispute will be needed soon."""
    fetch(at(s.disputes, number, DISPUTE))
    fetch(at(s.items, number, ITEM))
