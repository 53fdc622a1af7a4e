"""The parts of the machine: how functions are compiled, luck, clocks and rows of the trace.

In all modules of the compiled engine `m` is the record of the tables, `s` the record of counters and addresses
(layout.WORLD), `d` the record of a dispute.
"""

from __future__ import annotations

import inspect

import numpy as np

from sim import rules
from sim.clock import MINUTE_SHIFT, advance, order_key, worked_until
from sim.draws import round_key, spell_key, visit_key
from sim.engines.compiled.agenda import put
from sim.engines.compiled.codes import J_CASE, NONE
from sim.engines.compiled.layout import ROW
from sim.native.jit import part, register_jitable, small
from sim.native.memory import at

LEAST, MOST = 0.5 * 2.0**-32, (0xFFFFFFFF + 0.5) * 2.0**-32  # of all draws, see philox_uniform

for _name, _rule in inspect.getmembers(rules, inspect.isfunction):
    register_jitable(_rule)
for _scalar in (advance, order_key, worked_until, visit_key, round_key, spell_key):
    register_jitable(_scalar)


@small
def uniform(s, point, visit, d):  # type: ignore[no-untyped-def]
    """The draw at (slot of d, visit, point), see sim/draws.py."""
    return philox_uniform(s.key[0], s.key[1], d.slot, visit, point)


@small
def philox_uniform(k0, k1, slot, visit, point):  # type: ignore[no-untyped-def]
    """Philox4x32-10 in 64-bit integers; the first word as a number in (0, 1)."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c0, c1, c2, c3 = np.uint64(slot), np.uint64(visit), np.uint64(point), np.uint64(0)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return (np.float64(c0) + 0.5) * 2.0**-32


@small
def chance(s, point, visit, d, p):  # type: ignore[no-untyped-def]
    """Whether the draw at (slot of d, visit, point) is below p. Draws lie in [LEAST, MOST]: some p need none."""
    if p <= LEAST:
        return False
    if p > MOST:
        return True
    return uniform(s, point, visit, d) < p


@part
def draw_sixteen(s, first, visit, d):  # type: ignore[no-untyped-def]
    """The draws at sixteen decision points in a row, into `s.luck` by the number of the point.

    The compiler turns the loop into instructions that work on several numbers at once: sixteen draws take no longer
    than two or three by `uniform`. For that, all numbers must be seen to have 32 bits.
    """
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    key0, key1, slot, key = (
        s.key[0] & mask,
        s.key[1] & mask,
        np.uint64(d.slot) & mask,
        np.uint64(visit) & mask,
    )
    point = np.uint64(first)
    for lane in range(16):
        k0, k1 = key0, key1
        c0, c1, c2, c3 = slot, key, (point + np.uint64(lane)) & mask, np.uint64(0)
        for _ in range(10):
            p0 = np.uint64(0xD2511F53) * c0
            p1 = np.uint64(0xCD9E8D57) * c2
            c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask
            k0 = (k0 + np.uint64(0x9E3779B9)) & mask
            k1 = (k1 + np.uint64(0xBB67AE85)) & mask
        s.luck[first + lane] = (np.float64(np.int64(c0)) + 0.5) * 2.0**-32


@small
def schedule(s, minute, rank, d, job):  # type: ignore[no-untyped-def]
    put(s, minute, (minute << MINUTE_SHIFT) | order_key(rank, d.index, job))


@small
def set_clock(m, s, d, rank, minute):  # type: ignore[no-untyped-def]
    d.clocks[rank] = minute
    if minute < m.horizon:
        schedule(s, minute, rank, d, J_CASE)


@small
def clear(s, d, rank):  # type: ignore[no-untyped-def]
    d.clocks[rank] = NONE


@small
def write(s, now, event, d, job, tier, pool, visit, session, detail):  # type: ignore[no-untyped-def]
    row = at(s.rows, s.in_rows, ROW)
    s.in_rows += 1
    row.minute = now
    row.event = event
    row.dispute = d
    row.job = job
    row.tier = tier
    row.pool = pool
    row.visit = visit
    row.session = session
    row.detail = detail


@small
def emit(s, now, event, d, detail):  # type: ignore[no-untyped-def]
    write(s, now, event, d.index, J_CASE, d.tier, NONE, d.visit, d.session, detail)


@small
def emit_pool(s, now, event, d, detail, job, pool):  # type: ignore[no-untyped-def]
    if job == J_CASE:
        write(s, now, event, d.index, J_CASE, d.tier, pool, d.visit, d.session, detail)
    else:
        write(s, now, event, d.index, job, NONE, pool, NONE, NONE, detail)
