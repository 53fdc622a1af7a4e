"""The network without any tool: events in a heap, queues in deques."""

from __future__ import annotations

import random
from collections import deque
from heapq import heappop, heappush

from benchmarks.network import GAP, LENGTHS, SERVERS, STATIONS, from_records, township_of

sojourns = from_records
FIRST = (0, STATIONS[0], STATIONS[0] + STATIONS[1])  # number of the first station of each stage


def run(disputes: int, seed: int) -> list[tuple[int, int, float, float, float]]:
    """Until the last dispute is through."""
    luck = random.Random(seed)
    exponential, rates = luck.expovariate, [1 / length for length in LENGTHS]
    idle = [c for n, c in zip(STATIONS, SERVERS, strict=True) for _ in range(n)]
    queues: list[deque[tuple[int, int, float]]] = [deque() for _ in idle]
    record: list[tuple[int, int, float, float, float]] = []
    # (minute, number of the event, station, dispute, village, arrived, started); a station below 0: it arises
    heap: list[tuple[float, int, int, int, int, float, float]] = [
        (exponential(1 / GAP), 0, -1, 0, luck.randrange(STATIONS[0]), 0.0, 0.0)
    ]
    events = 1
    while heap:
        now, _, station, number, village, arrived, started = heappop(heap)
        if station < 0:
            to = village
            if number + 1 < disputes:
                born = now + exponential(1 / GAP)
                heappush(heap, (born, events, -1, number + 1, luck.randrange(STATIONS[0]), 0.0, 0.0))
                events += 1
        else:
            stage = 0 if station < FIRST[1] else 1 if station < FIRST[2] else 2
            record.append((number, stage, arrived, started, now))
            queue = queues[station]
            if queue:
                next_number, next_village, next_arrived = queue.popleft()
                over = now + exponential(rates[stage])
                heappush(heap, (over, events, station, next_number, next_village, next_arrived, now))
                events += 1
            else:
                idle[station] += 1
            to = FIRST[1] + township_of(village) if stage == 0 else FIRST[2] if stage == 1 else -1
        if to >= 0:
            if idle[to]:
                idle[to] -= 1
                stage = 0 if to < FIRST[1] else 1 if to < FIRST[2] else 2
                heappush(heap, (now + exponential(rates[stage]), events, to, number, village, now, now))
                events += 1
            else:
                queues[to].append((number, village, now))
    return record
