"""One progress for many batches."""

from __future__ import annotations

from itertools import pairwise

from sim.studies.overall import Overall


def test_batches_add_up_and_the_bar_never_goes_back() -> None:
    said: list[tuple[int, int]] = []
    overall = Overall(lambda done, total: said.append((done, total)), 100)
    for done, total in ((0, 30), (10, 30), (30, 30), (30, 30), (5, 20), (20, 20), (0, 50), (50, 50)):
        overall(done, total)
    assert [done for done, _ in said] == [0, 10, 30, 60, 65, 80, 80, 130]
    assert [total for _, total in said] == [100] * 7 + [130]
    overall.end()
    assert said[-1] == (130, 130)
    assert all(a <= b for (a, _), (b, _) in pairwise(said))
