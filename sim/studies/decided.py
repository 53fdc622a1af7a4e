"""From the tables of a comparison to the decision in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.language import Text
from sim.scenario.comparison import Cell, Comparison
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.prices import Prices
from sim.scenario.terms import Called
from sim.studies.assemble import PlacePanel
from sim.studies.decision import Asked, Chances, Decision, Doubt, Net, Option, Price
from sim.studies.decision_words import decide
from sim.studies.panel import about
from sim.studies.varied import assumed, is_null, taken_away_by

MEDIATOR = "township_mediators"  # a year of whose work is cheap


def decision_of(
    place: PlacePanel,
    comparison: Comparison,
    prices: Prices,
    effects: pd.DataFrame,
    by_reading: pd.DataFrame,
    costs: pd.DataFrame,
    choice: pd.DataFrame,
    *,
    net: pd.DataFrame,
    study: Text = "",
    told: Sequence[tuple[str, Text]] = (),
) -> Decision:
    """The decision about a place, from its tables as they are shown: most promising policies first.

    `net` is the table of net benefits, empty where outcomes have no values; `study` the study that pays, if any; `told`
    are sentences about values and studies, with their parts.
    """
    objective = place.panel.columns[0]
    rows = about(effects, objective)
    options = [
        _option(
            cell,
            place.cells[0],
            comparison,
            prices,
            row,
            _of_policy(by_reading, cell, objective),
            costs,
            choice,
            _net(net, cell.policy, study),
        )
        for cell, (_, row) in zip(place.cells[1:], rows.iterrows(), strict=True)
    ]
    options.sort(key=lambda o: (-np.nan_to_num(o.best), -np.nan_to_num(o.chances.better)))
    first = rows.iloc[0]
    asked = Asked(
        _title(place.cells[0]),
        place.labels[0],
        objective.metric,
        objective.reading,
        float(first["baseline"]),
        float(first["margin"]),
        objective.metric in comparison.margins,
        place.panel.draws,
    )
    return decide(asked, options, told)


def _title(cell: Cell) -> Text:
    return Called(cell.place.title.en, cell.place.title.zh)


def _of_policy(frame: pd.DataFrame, cell: Cell, column: Column) -> pd.DataFrame:
    """The rows of a policy in a metric; none of an empty table."""
    return frame if frame.empty else about(frame[frame["policy"] == cell.policy], column)


def _chances(row: pd.Series, worse: float) -> Chances:
    low, high = float(row["p_lower"]), float(row["p_higher"])
    by = float(row["p_lower_by_margin"] if worse > 0 else row["p_higher_by_margin"])
    return Chances(low, high, by) if worse > 0 else Chances(high, low, by)


def _net(net: pd.DataFrame, policy: str, study: Text) -> Net | None:
    """The net benefit of a policy; None where outcomes have no values."""
    if net.empty:
        return None
    row = net[net["policy"] == policy].iloc[0]
    return Net(float(row["net_benefit"]), float(row["p_above_nothing"]), str(row["unit"]), study)


def _option(
    cell: Cell,
    baseline: Cell,
    comparison: Comparison,
    prices: Prices,
    row: pd.Series,
    readings: pd.DataFrame,
    costs: pd.DataFrame,
    choice: pd.DataFrame,
    net: Net | None,
) -> Option:
    worse = KNOWN_METRICS[comparison.objective].worse
    price = costs[costs["policy"] == cell.policy].iloc[0]
    year = float(prices.hours_per_person_year.value) * float(prices.yuan_per_hour[MEDIATOR].value)
    return Option(
        cell.policy,
        float(row["difference"]),
        float(row["low"]),
        float(row["high"]),
        _chances(row, worse),
        Doubt(str(row["interval"])),
        Price(
            float(price["people"]),
            price["who"],
            float(price["hours"]),
            float(price["yuan"]),
            float(price["yuan_low"]),
            float(price["yuan_high"]),
            year,
        ),
        tuple((str(r["record"]), _chances(r, worse)) for _, r in readings.iterrows()),
        assumed(cell, baseline),
        taken_away_by(cell, baseline),
        bool(row["monte_carlo"]),
        is_null(cell, baseline),
        float(choice.loc[choice["policy"] == cell.policy, "p_best"].iloc[0]),
        net,
    )
