"""One station: M/M/1, M/M/c and M/G/1 in villages that are so many independent queues.

Biases, all of them far below the margins. Whole minutes: arrivals and lengths are off by less than a minute each, which
moves a mean wait by less than a minute / (1 - rho), 0.5 % of any wait below. A village's rate varies by 1 % between
villages, the least that the schema admits: 0.2 % of the queue. Waits that end after the horizon are not counted: they
are E[W^2] / E[W] out of 365 days, 1 %. A mean wait divides by a random number of waits: 1 % at the small volume.
Emptiness at the start: after the warm-up of 90 days the slowest queue lacks 0.6 % of its mean, the window less than
0.1 % (test_formulas.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from sim.model import Model
from tests.places import build, queue_place
from tests.theory import formulas
from tests.theory.measure import SMALL, VOLUMES, Comparison, Volume, agree, caught, load_of, observe

STAFF = "village_mediators"


def comparisons(
    model: Model, volume: Volume, *, arrivals: float, load: float, queue: float, margin: float
) -> Iterable[Comparison]:
    """A station's mean queue, mean wait (by Little's law from the formula) and share of time at work."""
    engine, times = volume
    found = observe(model, load_of(STAFF, model.villages.count), engine)
    margin /= math.sqrt(times)
    yield Comparison("queue", found["queue"], queue, margin)
    yield Comparison("wait", found["wait"], queue / arrivals, margin)
    yield Comparison("busy", found["busy"], load, margin / 4)


# --- M/M/1 -----------------------------------------------------------------------------------------------------------


def check_mm1(volume: Volume, *, hours: float = 10.0) -> None:
    model = build(queue_place(villages=2 * volume[1], arrivals=0.06, servers=1, session_hours=hours))
    exact = formulas.queue_mmc(0.06, 10.0, 1)
    agree(comparisons(model, volume, arrivals=0.06, load=0.6, queue=exact, margin=0.25))


@pytest.mark.parametrize("volume", VOLUMES)
def test_mm1(volume: Volume) -> None:
    check_mm1(volume)


def test_sessions_that_are_a_tenth_longer_are_noticed() -> None:
    caught(lambda: check_mm1(SMALL, hours=11.0), "busy")


@pytest.mark.slow
def test_sessions_that_are_a_tenth_longer_are_noticed_in_the_queue() -> None:
    """The queue grows by 42 %, but it takes more than the small volume to tell from chance in the queue alone."""
    caught(lambda: check_mm1(("compiled", 16), hours=11.0), "queue", "wait", "busy")


# --- M/M/c -----------------------------------------------------------------------------------------------------------


def check_mmc(volume: Volume, *, servers: int = 3) -> None:
    model = build(queue_place(villages=volume[1], arrivals=0.105, servers=servers, session_hours=20))
    exact = formulas.queue_mmc(0.105, 20.0, 3)
    agree(comparisons(model, volume, arrivals=0.105, load=0.7, queue=exact, margin=0.4))


@pytest.mark.parametrize("volume", VOLUMES)
def test_mmc(volume: Volume) -> None:
    check_mmc(volume)


@pytest.mark.slow
def test_one_server_more_is_noticed() -> None:
    caught(lambda: check_mmc(SMALL, servers=4), "queue", "wait", "busy")


# --- M/G/1 -----------------------------------------------------------------------------------------------------------


def check_mg1(
    volume: Volume, lengths: str, cv: float, *, hours: float = 20.0, real: str | None = None
) -> None:
    tier = {"session_hours": hours, "lengths": real or lengths, "session_cv": cv}
    model = build(queue_place(villages=2 * volume[1], arrivals=0.7 / hours, servers=1, **tier))
    exact = formulas.queue_mg1(0.7 / hours, hours, cv if lengths == "lognormal" else 0.0)
    agree(comparisons(model, volume, arrivals=0.7 / hours, load=0.7, queue=exact, margin=0.35))


@pytest.mark.parametrize("volume", VOLUMES)
@pytest.mark.parametrize(("lengths", "cv"), [("lognormal", 0.5), ("constant", 0.5)])
def test_mg1(volume: Volume, lengths: str, cv: float) -> None:
    """The coefficient of variation counts for lognormal lengths only."""
    check_mg1(volume, lengths, cv)


@pytest.mark.slow
def test_mg1_with_lengths_that_vary_much() -> None:
    """Shorter sessions, for with long ones the waits cut off at the horizon would be 3 % of the mean wait."""
    check_mg1(("compiled", 16), "lognormal", 1.5, hours=5.0)


@pytest.mark.slow
def test_lengths_of_another_distribution_are_noticed() -> None:
    """Exponential lengths in place of lognormal ones of the same mean: the work is the same, the queue is not."""
    caught(lambda: check_mg1(SMALL, "lognormal", 0.5, real="exponential"), "queue", "wait")
