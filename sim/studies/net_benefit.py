"""What a policy is worth beside the baseline: outcomes at stated values less its cost, or the objective alone.

With `--value settled=800,unresolved_day=20,suit=3000` the net benefit of a policy is what it changes in these outcomes
in the window, at these values, less what it costs; in yuan, or in hours of work with `in=hours`. Without values it is
what the policy gains in the objective, and costs are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, marked
from sim.scenario.errors import UserError, nearest
from sim.scenario.metrics import CONFLICT, KNOWN_METRICS, Column
from sim.scenario.place import Place
from sim.statistics.effect import Effects, smoothed
from sim.statistics.effect import effects as believed
from sim.statistics.value_of_information import acceptability, perfect
from sim.studies.asked import LARGEST, once
from sim.studies.assemble import PlacePanel
from sim.studies.worth_table import curve_rows

Floats = NDArray[np.float64]
YUAN, HOURS = marked("yuan"), marked("hours")
MULTIPLES = (0.0, 0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0)  # of all stated values


@dataclass(frozen=True)
class Valued:
    """An outcome that may have a value: its metric, whether more of it is good, and how many a unit of it is."""

    metric: str
    sign: float
    about: str
    per: Callable[[Place], float] = lambda place: 1.0


def _days(place: Place) -> float:
    """Days in all for a day per 1,000 persons and year."""
    years = ((place.window.end - place.window.start).days + 1) / 365.0
    return float(place.population.persons.value) / 1000.0 * years


VALUED = {
    "settled": Valued("ended_settled", 1.0, marked("a dispute settled by mediation")),
    "unresolved_day": Valued(CONFLICT, -1.0, marked("a day that a dispute stays unresolved"), _days),
    "suit": Valued("filings", -1.0, marked("a suit")),
    "petition": Valued("petitions", -1.0, marked("a petition")),
    "eruption": Valued("eruptions", -1.0, marked("a fight or crime out of a dispute")),
    "crime": Valued("crimes", -1.0, marked("a crime out of a dispute")),
    "staff_hour": Valued("staff_hours_total", -1.0, marked("an hour of staff spent on disputes")),
}


@dataclass(frozen=True)
class Values:
    """What outcomes are worth, by name in `VALUED`, in yuan or hours; nothing stated: empty."""

    each: Mapping[str, float] = field(default_factory=dict)
    unit: str = YUAN

    def __bool__(self) -> bool:
        return bool(self.each)


def values_of(asked: Mapping[str, object] | Sequence[str] | str) -> Values:
    """From texts such as `settled=800,suit=3000`, or from a mapping. Raises UserError."""
    if isinstance(asked, Mapping):
        parts = [(str(k), str(v)) for k, v in asked.items()]
    else:
        texts = [asked] if isinstance(asked, str) else asked
        split = [one.strip().partition("=") for text in texts for one in text.split(",") if one.strip()]
        parts = [(name.strip(), value.strip()) for name, _, value in split]
    each: dict[str, float] = {}
    unit = YUAN
    once([name for name, _ in parts], "--value")
    for name, value in parts:
        if name == "in":
            if value not in (YUAN, HOURS):
                raise UserError(Message("--value: in={x} is neither in=yuan nor in=hours", x=value))
            unit = value
            continue
        if name not in VALUED:
            near = nearest(name, list(VALUED))
            hint = Message(" Did you mean '{near}'?", near=near) if near else ""
            said = marked("--value: '{name}' has no value here.{hint} There are: {list}")
            raise UserError(Message(said, name=name, hint=hint, list=", ".join(VALUED)))
        each[name] = _number(name, value)
    if parts and not each:
        raise UserError(Message("--value names no outcome; write for example settled=800,suit=3000"))
    return Values(each, unit)


def _number(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= LARGEST:
        raise UserError(
            Message(
                "--value: '{name}={x}' is not a number of at least 0; write for example settled=800",
                name=name,
                x=text,
            )
        )
    return found


@dataclass(frozen=True)
class Benefits:
    """What is believed of the net benefits of options, the baseline first, whose own is nothing.

    `means` has the means of the draws that count, shape (options, draws), luck and all; `samples` what is believed of
    them with luck taken off, shape (options, draws, samples). `costs` are in the unit, shape (options,), and taken off
    already; `parts` the mean contribution of each outcome by policy.
    """

    labels: tuple[str, ...]
    unit: str
    means: Floats
    samples: Floats
    draws: int
    costs: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)
    valued: bool = False

    @property
    def flat(self) -> Floats:
        """All samples of each option, shape (options, samples)."""
        return self.samples.reshape(len(self.samples), -1)

    @property
    def known(self) -> float:
        """What it would be worth to know all parameters."""
        return perfect(self.flat).value


def benefits_of(place: PlacePanel, values: Values, costs: pd.DataFrame) -> Benefits:
    """The net benefits of the policies of a place."""
    kept, groups = place.counted, place.groups
    mine = None if groups is None else [g for g, k in zip(groups, kept, strict=True) if k]
    gains, parts = _gains(place, values)
    gains = gains[:, kept]
    paid = np.zeros(len(place.labels))
    if values:
        column = "yuan" if values.unit == YUAN else "hours"
        paid[1:] = costs.set_index("policy").loc[place.labels[1:], column].to_numpy(dtype=float)
    found: Effects = believed(gains - paid[1:, None, None], mine)
    none = np.zeros((1, *found.samples.shape[1:]))
    samples = np.concatenate([none, found.samples])
    means = np.concatenate([np.zeros((1, gains.shape[1])), gains.mean(axis=2) - paid[1:, None]])
    unit = values.unit if values else KNOWN_METRICS[place.panel.columns[0].metric].unit
    return Benefits(tuple(place.labels), unit, means, samples, found.draws, paid, parts, bool(values))


def _gains(place: PlacePanel, values: Values) -> tuple[Floats, dict[str, Floats]]:
    """What each policy gains beside the baseline, shape (policies, draws, replications), and of what."""
    if not values:
        objective = place.panel.columns[0]
        worse = KNOWN_METRICS[objective.metric].worse
        every = [-worse * place.panel.difference(policy, objective) for policy in place.labels[1:]]
        return np.stack(every), {}
    total: Floats = np.zeros((len(place.labels) - 1, place.panel.draws, place.panel.replications))
    parts = {}
    for name, value in values.each.items():
        told = VALUED[name]
        column, each = Column(told.metric), told.sign * value * told.per(place.cells[0].place)
        every_policy = [place.found.values(column, i) for i in range(len(place.labels))]
        found = np.stack([x.reshape(place.panel.draws, -1) for x in every_policy])
        gain = each * (found[1:] - found[:1])
        parts[name] = np.nanmean(gain, axis=(1, 2))
        total = total + gain
    return total, parts


def table(place: PlacePanel, benefits: Benefits, costs: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Net benefit by option: where it comes from, its 90 %, P(above nothing), P(highest), and what choosing it loses.

    `frontier` marks the option with the highest expected net benefit; `net_at_low_prices` and `_high_` are means with
    the cost at the ends of the prices (in yuan).
    """
    flat = benefits.flat
    highest = flat == flat.max(axis=0)
    best = smoothed((highest / highest.sum(axis=0)).mean(axis=1), benefits.draws, len(flat))
    loss = (flat.max(axis=0) - flat).mean(axis=1)
    means = flat.mean(axis=1)
    rows = []
    found = Effects(benefits.samples, means[:, None], means, means, means, benefits.draws)
    for i, policy in enumerate(benefits.labels):
        low, middle, high = found.interval(i)
        row: dict[str, object] = {"policy": policy}
        row |= {f"from_{name}": float(x[i - 1]) if i else 0.0 for name, x in benefits.parts.items()}
        row |= {
            "cost": float(benefits.costs[i]),
            "net_benefit": float(means[i]),
            "median": middle,
            "low": low,
            "high": high,
            "p_above_nothing": found.above(i) if i else 0.0,
            "p_highest": float(best[i]),
            "expected_loss": float(loss[i]),
            "frontier": bool(i == int(means.argmax())),
            "unit": unit,
        }
        if unit == YUAN and i:
            priced = costs[costs["policy"] == policy].iloc[0]
            row |= {
                f"net_at_{end}_prices": float(means[i] + benefits.costs[i] - priced[f"yuan_{end}"])
                for end in ("low", "high")
            }
        rows.append(row)
    return pd.DataFrame(rows)


def over_multiples(benefits: Benefits) -> pd.DataFrame:
    """Acceptability and frontier where all stated values are so many times as large: which option, how surely."""
    gains = benefits.flat + benefits.costs[:, None]
    found = acceptability(gains, benefits.costs, MULTIPLES)
    return curve_rows("times_the_values", MULTIPLES, benefits.labels, found)
