"""A missing warm-up: a place is never empty on its first day, and a place that starts empty must show.

A t-test against the exact mean does not see it (it gave t = 3.25 on a toy), so both halves of the window are compared.
Disputes go through a procedure of 30 days before an M/M/1: what is open changes as slowly as 1 - exp(-t / 30 days).
"""

from __future__ import annotations

from sim.model import Model
from sim.outcomes import spans
from sim.scenario.place import Place
from sim.traces import Trace
from tests.places import build, plain_place, with_tables
from tests.theory import formulas
from tests.theory.measure import Comparison, agree, caught, observe

VILLAGES, ARRIVALS, HOURS, DELAY = 4, 0.05, 10.0, 30.0
MARGIN = 0.12  # of the mean number of open disputes
OPEN = ARRIVALS * (24 * DELAY + HOURS) + formulas.queue_mmc(
    ARRIVALS, HOURS, 1
)  # by Little's law, in one village


def model_of(warm_up: float) -> Model:
    """A window of 61 days after `warm_up` days; with none, it begins with an empty place."""
    place: Place = plain_place(
        {"village": {"session_hours": HOURS, "delay_days": DELAY}},
        {"village": 1.0},
        population={"persons": 1000 * VILLAGES},
        villages={"count": VILLAGES, "mediators": 1},
        townships={"count": 1},
        incidence={"latent_rate": ARRIVALS * 8760},
        window={"end": "2023-03-01", "warm_up": max(warm_up, 1.0)},  # the schema wants a warm-up
    )
    model = build(place)
    return model if warm_up else with_tables(model, warm_up=0)


def halves(trace: Trace, model: Model) -> dict[str, float]:
    """Mean number of open disputes of a village in each half of the window."""
    stays = spans.stays(trace)
    middle = (trace.warm_up + trace.horizon) // 2
    scale = model.villages.count
    first = stays.within(trace.warm_up, middle).sum() / (middle - trace.warm_up) / scale
    second = stays.within(middle, trace.horizon).sum() / (trace.horizon - middle) / scale
    return {"first": float(first), "second": float(second)}


def check(model: Model) -> None:
    """The halves differ by nothing (their difference is put on the scale of the mean), and the first has the mean."""
    found = observe(model, halves)
    agree(
        [
            Comparison("second half", found["second"] - found["first"] + OPEN, OPEN, MARGIN),
            Comparison("first half", found["first"], OPEN, MARGIN),
        ]
    )


def test_both_halves_agree_after_the_warm_up() -> None:
    """After 120 days, four mean stays, 1.1 % is missing from the first half and 0.4 % from the second."""
    check(model_of(120))


def test_a_missing_warm_up_is_noticed() -> None:
    caught(lambda: check(model_of(0)), "second half", "first half")
