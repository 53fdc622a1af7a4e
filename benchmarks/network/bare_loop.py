"""The network as a bare compiled loop: the limit of our engine. Same draws, same rows, same digest, nothing else.

It knows this network only: staff work round the clock, three stages, one session each, queues in the order in which
disputes became known, and the few disputes that the parties take back meanwhile. No tables, no clocks, no policies.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.network import ours
from sim import rules
from sim.clock import DISPUTE_BITS, JOB_BITS, MINUTE_SHIFT, MINUTES_PER_DAY, RANK_BITS, RANK_SHIFT, order_key
from sim.draws import SLOT_SHIFT, Draws, visit_key
from sim.native.jit import njit, register_jitable
from sim.population import slots_of, village_counts
from sim.traces import PPM, Trace
from sim.vocabulary import Channel, Clock, DecisionPoint, End, EventKind, Priority, Tier

sojourns, model = ours.sojourns, ours.model

for _rule in (rules.kind_of, rules.severity_of, rules.whole_minutes, rules.exponential, order_key, visit_key):
    register_jitable(_rule)

VILLAGE, TOWNSHIP, COUNTY = int(Tier.VILLAGE), int(Tier.TOWNSHIP), int(Tier.COUNTY)
E_ARISE, E_KNOWN, E_ENTER, E_START = (int(k) for k in list(EventKind)[:4])
E_SESSION, E_ABORT, E_LEAVE, _ = (int(k) for k in list(EventKind)[4:8])
E_FAILED, E_CLIMB, E_END = int(EventKind.FAILED), int(EventKind.CLIMB), int(EventKind.END)
C_ARISE, C_SESSION_END = int(Clock.ARISE), int(Clock.SESSION_END)
C_WITHDRAWAL, C_LATENT_EXIT = int(Clock.WITHDRAWAL), int(Clock.LATENT_EXIT)
SETTLED, SELF_SETTLED, LUMPED = int(End.SETTLED), int(End.SELF_SETTLED), int(End.LUMPED)
WITHDRAWN, BY_PARTY, NORMAL = int(End.WITHDRAWN), int(Channel.PARTY_VILLAGE), int(Priority.NORMAL)
P_ARISE, P_KIND = int(DecisionPoint.ARISE_TIME), int(DecisionPoint.KIND)
P_SEVERITY, P_LANGUAGE = int(DecisionPoint.SEVERITY), int(DecisionPoint.LANGUAGE)
P_PARTY, P_SETTLE = int(DecisionPoint.PARTY_TIME), int(DecisionPoint.LATENT_SETTLE)
P_LUMP, P_WITHDRAWAL = int(DecisionPoint.LATENT_LUMP), int(DecisionPoint.WITHDRAWAL_TIME)
P_WITHDRAWAL_END, P_LENGTH = int(DecisionPoint.WITHDRAWAL_END), int(DecisionPoint.SESSION_LENGTH)
WAITS, HEARD, OVER = 0, 1, 2
RANKS, NUMBERS = (1 << RANK_BITS) - 1, (1 << DISPUTE_BITS) - 1
LAST = np.iinfo(np.int64).max
DISPUTE = np.dtype(
    [("slot", np.uint32), *((x, np.int32) for x in ("known", "started", "stage", "state", "unseen"))]
)
inline = njit(forceinline=True)


@inline
def uniform(k0, k1, slot, visit, point):  # type: ignore[no-untyped-def]
    """Philox4x32-10, see sim/draws.py."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c0, c1, c2, c3 = np.uint64(slot), np.uint64(visit), np.uint64(point), np.uint64(0)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return (np.float64(np.int64(c0)) + 0.5) * 2.0**-32


@inline
def draw_sixteen(k0, k1, slot, luck):  # type: ignore[no-untyped-def]
    """The first sixteen draws of a dispute at once: the compiler makes several with one instruction."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    key0, key1, counter = k0 & mask, k1 & mask, np.uint64(slot) & mask
    for lane in range(16):
        a, b = key0, key1
        c0, c1, c2, c3 = counter, np.uint64(0), np.uint64(lane) & mask, np.uint64(0)
        for _ in range(10):
            p0 = np.uint64(0xD2511F53) * c0
            p1 = np.uint64(0xCD9E8D57) * c2
            c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ a, p1 & mask, (p0 >> shift) ^ c3 ^ b, p0 & mask
            a = (a + np.uint64(0x9E3779B9)) & mask
            b = (b + np.uint64(0xBB67AE85)) & mask
        luck[lane] = (np.float64(np.int64(c0)) + 0.5) * 2.0**-32


@inline
def write(rows, n, minute, event, who, tier, pool, visit, detail):  # type: ignore[no-untyped-def]
    """One row; a visit has one session."""
    row = rows[n]
    row[0] = minute
    row[1] = event
    row[2] = who
    row[3] = 0
    row[4] = tier
    row[5] = pool
    row[6] = visit
    row[7] = visit
    row[8] = detail
    return n + 1


@inline
def push(heap, start, n, key):  # type: ignore[no-untyped-def]
    """Into the binary heap of `n` keys that begins at `start`."""
    i = n
    while i > 0:
        parent = (i - 1) >> 1
        if heap[start + parent] <= key:
            break
        heap[start + i] = heap[start + parent]
        i = parent
    heap[start + i] = key
    return n + 1


@inline
def pop(heap, start, n):  # type: ignore[no-untyped-def]
    """Take the first of `n` keys out; read it before."""
    n -= 1
    key, i, j = heap[start + n], 0, 1
    while j < n:
        if j + 1 < n and heap[start + j + 1] < heap[start + j]:
            j += 1
        if heap[start + j] >= key:
            break
        heap[start + i] = heap[start + j]
        i, j = j, 2 * j + 1
    heap[start + i] = key
    return n


@njit(cache=True)
def births(m, k0, k1, slots, cum, quantiles, language, disputes, table, fixed):  # type: ignore[no-untyped-def]
    """All that is known at birth: what a dispute is, when it becomes known, and when it would be taken back."""
    n, luck = 0, np.empty(16)
    days, horizon = len(cum) - 1, m.horizon
    for i in range(len(slots)):
        draw_sixteen(k0, k1, slots[i], luck)
        kind = rules.kind_of(m, luck[P_KIND])
        day = min(days - 1, int(luck[P_ARISE] * days))
        while cum[day] > luck[P_ARISE]:
            day -= 1
        while day < days - 1 and cum[day + 1] <= luck[P_ARISE]:
            day += 1
        within = int(MINUTES_PER_DAY * (luck[P_ARISE] - cum[day]) / (cum[day + 1] - cum[day]))
        arise = day * MINUTES_PER_DAY + min(MINUTES_PER_DAY - 1, within)
        leaves, unseen = arise + rules.whole_minutes(rules.exponential(luck[P_PARTY], 1.0)), 0
        if luck[P_SETTLE] < m.settle_rate * (leaves - arise + 2):
            minute = arise + rules.whole_minutes(rules.exponential(luck[P_SETTLE], 1.0 / m.settle_rate))
            if minute < leaves:
                leaves, unseen = minute, SELF_SETTLED
        if luck[P_LUMP] < m.lump_rate * (leaves - arise + 2):
            minute = arise + rules.whole_minutes(rules.exponential(luck[P_LUMP], 1.0 / m.lump_rate))
            if minute < leaves:
                leaves, unseen = minute, LUMPED
        d = disputes[i]
        d.slot = slots[i]
        d.known = leaves
        d.unseen = unseen
        d.stage = 0
        d.state = WAITS
        fixed[n] = (arise << MINUTE_SHIFT) | order_key(C_ARISE, i, 0)
        n += 1
        if leaves < horizon:
            fixed[n] = (leaves << MINUTE_SHIFT) | order_key(C_LATENT_EXIT, i, 0)
            n += 1
            if not unseen:
                back = uniform(k0, k1, slots[i], 0, P_WITHDRAWAL)
                if back * m.withdrawal_mean < horizon - leaves + 2:
                    minute = leaves + rules.whole_minutes(rules.exponential(back, m.withdrawal_mean))
                    if minute < horizon:
                        fixed[n] = (minute << MINUTE_SHIFT) | order_key(C_WITHDRAWAL, i, 0)
                        n += 1
        x = luck[P_SEVERITY] * 256
        low = quantiles[kind, int(x)]
        row = table[i]
        row[0] = slots[i]
        row[1] = 1
        row[2] = slots[i] >> SLOT_SHIFT
        row[3] = kind
        row[4] = int((low + (x - int(x)) * (quantiles[kind, int(x) + 1] - low)) * PPM)
        row[5] = 0
        row[6] = luck[P_LANGUAGE] < language[slots[i] >> SLOT_SHIFT]
        row[7] = arise
    return n


@njit(cache=True)
def life(
    m, k0, k1, fixed, n_fixed, disputes, stations, servers, means, tiers, heap, queues, room, waiting, rows
):  # type: ignore[no-untyped-def]
    """From the first grievance to the horizon; returns the number of rows."""
    n, running, next_fixed = 0, 0, 0
    fixed[n_fixed] = LAST
    heap[0] = LAST
    horizon = m.horizon
    to_serve = np.empty(2, dtype=np.int64)
    while True:
        event = fixed[next_fixed]
        if running > 0 and heap[0] < event:
            event = heap[0]
            running = pop(heap, 0, running)
        elif event == LAST:
            return n
        else:
            next_fixed += 1
        now, rank, who = event >> MINUTE_SHIFT, (event >> RANK_SHIFT) & RANKS, (event >> JOB_BITS) & NUMBERS
        if rank == C_ARISE:
            n = write(rows, n, now, E_ARISE, who, -1, -1, 0, 0)
            continue
        d = disputes[who]
        stage, village = d.stage, np.int64(d.slot) >> SLOT_SHIFT
        pool, to_enter, serving = stations[stage, village], -1, 0
        if rank == C_LATENT_EXIT:
            if d.unseen:
                d.state = OVER
                n = write(rows, n, now, E_END, who, -1, -1, 0, d.unseen)
                continue
            n = write(rows, n, now, E_KNOWN, who, VILLAGE, -1, 0, BY_PARTY)
            to_enter = pool
        elif d.state == OVER:
            continue
        elif rank == C_SESSION_END:
            n = write(rows, n, now, E_SESSION, who, tiers[stage], pool, 1, now - d.started)
            servers[pool] += 1
            to_serve[0] = pool
            serving = 1
            if stage < 2:
                n = write(rows, n, now, E_FAILED, who, tiers[stage], -1, 1, 1)
                n = write(rows, n, now, E_CLIMB, who, tiers[stage], -1, 1, tiers[stage + 1])
                d.stage = stage + 1
                d.state = WAITS
                to_enter = stations[stage + 1, village]
            else:
                n = write(rows, n, now, E_END, who, tiers[stage], -1, 1, SETTLED)
                d.state = OVER
        else:
            if d.state == HEARD:
                n = write(rows, n, now, E_ABORT, who, tiers[stage], pool, 1, now - d.started)
                servers[pool] += 1
                to_serve[0] = pool
                serving = 1
            else:
                n = write(rows, n, now, E_LEAVE, who, tiers[stage], pool, 1, 0)
            d.state = OVER
            u = uniform(k0, k1, d.slot, 0, P_WITHDRAWAL_END)
            end = SELF_SETTLED if u < m.withdrawal_settles else WITHDRAWN
            n = write(rows, n, now, E_END, who, tiers[stage], -1, 1, end)
        if to_enter >= 0:
            n = write(rows, n, now, E_ENTER, who, tiers[d.stage], to_enter, 1, NORMAL)
            waiting[to_enter] = push(
                queues, to_enter * room, waiting[to_enter], (np.int64(d.known) << DISPUTE_BITS) | who
            )
            to_serve[serving] = to_enter
            serving += 1
        for k in range(serving):
            pool = to_serve[k]
            while servers[pool] > 0 and waiting[pool] > 0:
                first = queues[pool * room] & NUMBERS
                waiting[pool] = pop(queues, pool * room, waiting[pool])
                e = disputes[first]
                if e.state == OVER:
                    continue
                e.state = HEARD
                e.started = now
                servers[pool] -= 1
                tier = tiers[e.stage]
                u = uniform(k0, k1, e.slot, visit_key(tier, 1, 1), P_LENGTH)
                minutes = rules.whole_minutes(-means[e.stage] * math.log(1.0 - u))
                n = write(rows, n, now, E_START, first, tier, pool, 1, minutes)
                if now + minutes < horizon:
                    key = ((now + minutes) << MINUTE_SHIFT) | order_key(C_SESSION_END, first, 0)
                    running = push(heap, 0, running, key)


_KEPT: dict[str, Any] = {}


def kept(name: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of an earlier run, as our engine keeps its own: what came from the system once stays."""
    found = _KEPT.get(name)
    if found is None or found.shape[0] < shape[0] or found.shape[1:] != shape[1:]:
        found = _KEPT[name] = np.empty(shape, dtype=dtype)
    return found


def run(disputes: int, seed: int) -> Trace:
    """One replication; the trace holds until the next one."""
    place = model(disputes)
    m, draws = place.tables, Draws(seed, 0)
    numbers = numbers_of(m)
    slots = slots_of(village_counts(place, draws))
    size = len(slots)
    k0, k1 = (np.uint64(k) for k in draws.key)
    state, table = kept("disputes", (size,), DISPUTE), kept("table", (size, 8), np.int64)
    fixed, rows = kept("fixed", (3 * size + 1,), np.int64), kept("rows", (17 * size + 64, 9), np.int32)
    quantiles = m.severity_quantiles.reshape(8, -1)
    n = births(numbers, k0, k1, slots, m.arise_cum, quantiles, m.language, state, table, fixed)
    fixed[:n].sort()
    tiers = np.array([VILLAGE, TOWNSHIP, COUNTY])
    stations = np.ascontiguousarray(m.station.reshape(-1, 8)[:, tiers].T)
    pools = len(m.pool_servers)
    queues, heap = kept("queues", (pools * size,), np.int64), kept("heap", (4096,), np.int64)
    n = life(
        numbers, k0, k1, fixed, n, state, stations, m.pool_servers.copy(), m.length_mean[tiers],
        tiers, heap, queues, size, np.zeros(pools, np.int64), rows
    )  # fmt: skip
    return Trace(rows[:n], table[:size], m.horizon, m.warm_up)


def numbers_of(m: Any) -> Any:
    """The few numbers of the tables that it takes, as a record."""
    fields = ("settle_rate", "lump_rate", "withdrawal_mean", "withdrawal_settles")
    kind = np.dtype(
        [("horizon", np.int64), ("kind_cum", np.float64, (8,)), *((x, np.float64) for x in fields)]
    )
    out = np.zeros(1, dtype=kind)
    for name in kind.names or ():
        out[name] = getattr(m, name)
    return out[0]
