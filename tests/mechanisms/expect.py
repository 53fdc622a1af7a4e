"""What a mechanism is expected to do, against what a simulation shows: close to it, and far from half of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.model import Model, build
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.vocabulary import Kind
from tests.mechanisms.paired import Pair, pair
from tests.places import STAFF, plain_place, working

Floats = NDArray[np.float64]
STANDARD_ERRORS = 4.5
VILLAGES, TOWNSHIPS = 40, 4  # of a place at work


def confirm(x: Floats, expected: float, null: float = 0.0, slack: float = 0.0) -> None:
    """The mean of `x`, one entry per replication, is as expected, and the test would see it if half were missing.

    `null` is the value without any effect, `slack` what whole minutes change.
    """
    tolerance = STANDARD_ERRORS * float(x.std(ddof=1)) / math.sqrt(len(x)) + slack
    assert abs(float(x.mean()) - expected) < tolerance, (float(x.mean()), expected, tolerance)
    assert tolerance < abs(expected - null) / 2, (expected, null, tolerance)


def log_ratio(found: Pair, metric: str, group: str = "") -> Floats:
    """The logarithm of after over before of a metric, by replication."""
    return np.log(found.after[metric, group] / found.before[metric, group])


def shifted(p: float, log_odds: float) -> float:
    """A probability moved on the scale of log-odds."""
    odds = p / (1.0 - p) * math.exp(log_odds)
    return odds / (1.0 + odds)


def default(name: str, parameter: str) -> float:
    """The value that a parameter of a mechanism has unless somebody changes it."""
    return float(MECHANISMS[name].parameters()[parameter])


def worked_hours(model: Model, staff: str) -> Floats:
    """Working hours per year of each pool of a staff group, all of its persons together."""
    m, pools = model.tables, model.pools
    of_group = pools.group == pools.groups.index(staff)
    minutes = m.cal_worked.reshape(-1, m.days + 1)[m.pool_calendar[of_group], -1]
    return np.asarray(minutes * pools.servers[of_group] / 60.0 * 365.0 / m.days)


def working_place() -> Place:
    """Villages, townships, police, departments and judges at work a few hours a day, and nothing that makes the
    work depend on how soon it is done.
    """
    short = {"session_hours": 1, "session_cv": 0.5}
    tiers = dict.fromkeys(("village", "police", "township", "county", "trial"), short)
    return plain_place(
        tiers | {"township": short | {"success": 0.7}},
        {"village": 0.5, "township": 0.25, "police": 0.15, "court": 0.1},
        villages={"count": VILLAGES, "grid_heads": 2, "mediators": 1.5},
        townships={"count": TOWNSHIPS, "mediators": 2, "police": 3},
        county={"departments": 3, "judges": 3},
        working={staff: working("office", 8, 0.2) for staff in STAFF},
        kinds={k.name.lower(): {"departments": 1.0} for k in Kind},
    )


def confirm_hours_taken(name: str, taken: dict[str, float]) -> None:
    """A mechanism takes these hours per year from each pool of these groups, and they are busier for it.

    The simulation is that of the mechanism without its effect: the same work in fewer hours.
    """
    place, idle = working_place(), Measure(mechanism=name, effect=0.0)
    before, after = build(place, []), build(place, [idle])
    found = pair(place, [idle], replications=16)
    for g, staff in enumerate(before.pools.groups):
        hours = worked_hours(before, staff)
        lost = hours - worked_hours(after, staff)
        rounding = before.pools.servers[before.pools.group == g] / 60.0  # whole minutes of each person
        assert (abs(lost - taken.get(staff, 0.0)) <= rounding).all(), (staff, lost)
        if staff in taken:
            confirm(
                log_ratio(found, "utilisation", staff),
                math.log(hours.sum() / (hours.sum() - lost.sum())),
                slack=rounding.sum() / hours.sum(),
            )
