"""What a study would tell before a choice: everything, the reading, groups of numbers; a call-back, a survey, a log.

All of it is in the unit of the net benefits: yuan or hours where outcomes have values (`net_benefit.py`), and the unit
of the objective, costs left out, where they have none. What a study costs is at the stated prices, so that its own net
benefit (ENBS) is known where outcomes have values. The choice is for one window of the place; a choice that holds for
longer is worth more to study.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from sim.language import marked
from sim.scenario.metrics import RECORDED, Column
from sim.scenario.parameter_draws import Drawn
from sim.scenario.prices import Prices, StudyPrice
from sim.statistics.beyond_chance import LEVEL, SEED, SHUFFLES, of_group
from sim.statistics.preposterior import Register, counted, registered, surveyed
from sim.statistics.value_of_information import expected, perfect
from sim.studies.assemble import PlacePanel
from sim.studies.call_back import answers, files, mean_by_draw, readings_of, settled
from sim.studies.drawn_numbers import scores_by_group
from sim.studies.net_benefit import HOURS, Benefits

Floats = NDArray[np.float64]
READING = marked("which reading of the record is right")
EVERYTHING = marked("all parameters")
CALL_BACK = marked("ring the parties of closed files")
SURVEY = marked("ask households")
LOG = marked("write down petitions, months")
REGISTER = marked("keep a register of disputes, months")
CALLS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500)
HOUSEHOLDS = (50, 100, 200, 400, 800, 1600)
MONTHS = (1, 3, 6, 12, 24)
USUAL = {
    CALL_BACK: 100,
    SURVEY: 400,
    LOG: 12,
    REGISTER: 12,
}  # what is shown where nothing says which size is best
FEWEST = 20  # draws from which a regression can be had
TINY = 1e-6
NINETY = 1.2815515655446004  # the 90 % point of a standard normal


@dataclass(frozen=True)
class About:
    """What a study is about: quantities by draw, shape (draws, columns), sizes, and what each size would be worth."""

    name: str
    price: StudyPrice
    quantities: Floats
    sizes: Sequence[int]
    worth: Callable[[Floats, Sequence[int]], Floats]


def knowing(place: PlacePanel, points: Sequence[Drawn], benefits: Benefits, objective: str) -> pd.DataFrame:
    """The worth of knowing the reading, each group of numbers, and all; empty at central values.

    `se` is its error over draws; `floor` what chance alone stays below in 19 of 20 cases; `told` whether it is more.
    """
    if place.panel.draws < 2:
        return pd.DataFrame()
    most = benefits.known
    rows: list[dict[str, object]] = []

    def row(name: str, worth: float, se: float = math.nan, floor: float = math.nan) -> None:
        told = worth > (0.0 if math.isnan(floor) else floor)
        rows.append(
            {
                "objective": objective,
                "known": name,
                "worth": worth,
                "se": se,
                "floor": floor,
                "told": bool(told),
                "unit": benefits.unit,
            }
        )

    number = _reading_of_draws(place)
    if number is not None:
        means = benefits.samples.mean(axis=2)
        rng = np.random.default_rng(SEED)
        by_chance = [_of_reading(means, rng.permutation(number)) for _ in range(SHUFFLES)]
        floor = float(np.quantile(by_chance, LEVEL))
        row(READING, min(_of_reading(means, number), most), floor=floor)
    if points and benefits.draws >= FEWEST:
        for name, scores in scores_by_group(points).items():
            found = of_group(benefits.means, scores)
            row(name, min(found.worth.value, most), found.worth.se, found.floor)
    row(EVERYTHING, most)
    return pd.DataFrame(rows)


def _reading_of_draws(place: PlacePanel) -> NDArray[np.int64] | None:
    """The number of the reading of each draw that counts; None where there is one reading."""
    if place.groups is None:
        return None
    number = np.array(place.groups)[place.counted]
    return number if len(np.unique(number)) > 1 else None


def _of_reading(means: Floats, number: NDArray[np.int64]) -> float:
    """What one gains by choosing under each reading for itself; means have shape (options, draws)."""
    apart, once = 0.0, np.zeros(len(means))
    for group in np.unique(number):
        mine = number == group
        share, middle = float(mine.mean()), means[:, mine].mean(axis=1)
        apart += share * float(middle.max())
        once += share * middle
    return max(0.0, apart - float(once.max()))


def studies(
    place: PlacePanel, points: Sequence[Drawn], benefits: Benefits, prices: Prices, years: float
) -> pd.DataFrame:
    """A row per study and size: what it would be worth, at most, what it costs, and its net benefit if that is known.

    `told` says whether what it is about is worth more than chance would make; `best` marks the size with the highest
    net benefit, or the usual one where nothing is valued.
    """
    if prices.studies is None or not points or benefits.draws < FEWEST:
        return pd.DataFrame()
    rows: list[dict[str, object]] = []
    for about in _possible(place, points, prices, years):
        rows += _of_study(about, benefits, prices)
    return pd.DataFrame(rows)


def _of_study(about: About, benefits: Benefits, prices: Prices) -> list[dict[str, object]]:
    found = of_group(benefits.means, about.quantities)
    fitted = expected(benefits.means, about.quantities)
    most = min(perfect(fitted).value, benefits.known)
    worth = np.minimum(about.worth(fitted, about.sizes), most)
    in_hours = benefits.unit == HOURS
    cost = np.array([prices.study(about.price, n, in_hours=in_hours) for n in about.sizes])
    net = worth - cost if benefits.valued else np.full(len(cost), math.nan)
    usual = int(np.abs(np.array(about.sizes) - USUAL[about.name]).argmin())
    best = int(net.argmax()) if benefits.valued else usual
    return [
        {
            "study": about.name,
            "size": n,
            "worth": float(worth[i]),
            "at_most": most,
            "told": found.beyond,
            "unit": benefits.unit,
            "cost": float(cost[i]),
            "cost_unit": HOURS if in_hours else "yuan",
            "net_benefit": float(net[i]),
            "best": i == best,
        }
        for i, n in enumerate(about.sizes)
    ]


def _possible(place: PlacePanel, points: Sequence[Drawn], prices: Prices, years: float) -> list[About]:
    """The studies that this place allows: with files to ring, households to ask, petitions to write down."""
    assert prices.studies is not None
    out = []
    price = prices.studies
    readings = readings_of(points)
    chance = answers(settled(place, points, readings), price.call_back)
    calls = [n for n in CALLS if n <= files(place, readings)]
    if calls:
        clipped = np.clip(chance, TINY, 1 - TINY)
        out.append(
            About(
                CALL_BACK,
                price.call_back,
                logit(clipped)[:, None],
                calls,
                lambda f, s: counted(f, clipped, s),
            )
        )
    persons = float(points[0][0].population.persons.value)
    homes = persons / float(price.household_survey.persons.value)
    rate = np.maximum(mean_by_draw(place, Column("latent_disputes")) / homes / years, TINY)
    heard = np.clip(mean_by_draw(place, Column("known_share")) / 100.0, TINY, 1 - TINY)
    asked = [n for n in HOUSEHOLDS if n <= homes]
    if asked:
        about = np.stack([np.log(rate), logit(heard)], axis=1)
        out.append(
            About(SURVEY, price.household_survey, about, asked, lambda f, s: surveyed(f, rate, heard, s))
        )
    petitions = mean_by_draw(place, Column("petitions"))
    if petitions.min() > 0:
        monthly = petitions / years / 12.0
        again = mean_by_draw(place, Column("petition_repeats")) / petitions
        again = np.clip(again, TINY, 1 - TINY)
        spread = _scatter(place, Column("petitions"))
        about = np.stack([np.log(monthly), logit(again)], axis=1)
        out.append(
            About(LOG, price.petition_log, about, MONTHS, lambda f, s: surveyed(f, monthly, again, s, spread))
        )
    register = _register(place, points, prices, years)
    return [*out, register] if register is not None else out


def _register(place: PlacePanel, points: Sequence[Drawn], prices: Prices, years: float) -> About | None:
    """A clerk's register: rows as the place records them, the share that it calls settled, and days to settlement.

    It is kept as the record is, under the reading of each draw; days are lognormal between rows, with the median and
    the 90 % point of the model. None where no draw records anything or the prices name no register.
    """
    assert prices.studies is not None
    price, readings = prices.studies.register_of_disputes, np.array(readings_of(points))
    if price is None:
        return None
    rows, settled_rows = (np.zeros(len(readings)) for _ in range(2))
    for reading in set(readings.tolist()):
        mine = readings == reading
        rows[mine] = mean_by_draw(place, Column("mediated", RECORDED, reading))[mine]
        settled_rows[mine] = mean_by_draw(place, Column("succeeded", RECORDED, reading))[mine]
    days, late = (mean_by_draw(place, Column(f"time_to_settlement_{x}")) for x in ("median", "p90"))
    if rows.min() <= 0 or days.min() <= 0:
        return None
    monthly = rows / years / 12.0
    share = np.clip(settled_rows / rows, TINY, 1 - TINY)
    scatter = max(0.1, float(np.median(np.log(np.maximum(late / days, 1.0)))) / NINETY)
    about = Register(monthly, share, np.log(days), scatter)
    spread = _scatter(place, Column("mediated", RECORDED, str(readings[0])))
    quantities = np.stack([np.log(monthly), logit(share), about.log_days], axis=1)
    return About(REGISTER, price, quantities, MONTHS, lambda f, s: registered(f, about, s, spread))


def _scatter(place: PlacePanel, column: Column) -> float:
    """How many times as much as a Poisson count an outcome scatters over replications of a draw; at least 1."""
    values = place.found.values(column, 0).reshape(place.panel.draws, -1)[place.counted]
    if values.shape[1] < 2:
        return 1.0
    return max(1.0, float(np.nanmean(np.nanvar(values, axis=1, ddof=1)) / np.nanmean(values)))


def window_years(place: PlacePanel) -> float:
    """The length of the window in years."""
    window = place.cells[0].place.window
    return ((window.end - window.start).days + 1) / 365.0
