"""What a comparison says of one place: effects with their doubts, costs, who gains and loses, and what to choose."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.comparison import Comparison
from sim.scenario.metrics import KNOWN_METRICS, READINGS, RECORDED, Column
from sim.statistics.decision import Decision, decide
from sim.statistics.rank_correlation import kendall_tau
from sim.studies.assemble import PlacePanel, group_sums
from sim.studies.groups import gains

Floats = NDArray[np.float64]


def choice(place: PlacePanel, comparison: Comparison) -> tuple[Decision, pd.DataFrame]:
    """What to choose by the objective: means, probability of being best, expected regret."""
    panel = place.panel
    objective = panel.column(comparison.objective)
    better = KNOWN_METRICS[comparison.objective].aim
    found = decide(panel.values[:, panel.columns.index(objective)], better, place.groups)
    order = found.means if better == "lower" else -found.means
    frame = pd.DataFrame(
        {
            "policy": panel.policies,
            "objective": objective.metric,
            "layer": objective.layer,
            "reading": objective.reading,
            "mean": found.means,
            "rank": order.argsort(kind="stable").argsort(kind="stable") + 1,
            "p_best": found.best,
            "regret": found.regret,
        }
    )
    return found, frame.sort_values("rank", kind="stable").reset_index(drop=True)


def readings(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """How policies would be ranked by the record under both readings, each at its own draws, beside what is true.

    `agreement` is Kendall's tau between the ranking by the recorded success rate and that by the objective.
    """
    panel = place.panel
    objective = panel.column(comparison.objective)
    sign = KNOWN_METRICS[comparison.objective].worse
    outcomes = panel.values[:, panel.columns.index(objective)]
    rows = []
    for reading in READINGS:
        mine = place.own(reading)
        true = sign * np.nanmean(outcomes[:, mine], axis=(1, 2))
        recorded = place.found.grid([Column("success_rate", RECORDED, reading)])[:, 0, mine]
        rates = np.nanmean(recorded, axis=(1, 2))
        best = int(np.argmax(rates))
        rows.append(
            {
                "reading": reading,
                "best_by_record": panel.policies[best],
                "recorded_rate": float(rates[best]),
                "baseline_rate": float(rates[0]),
                "best_by_objective": panel.policies[int(np.argmin(true))],
                "agreement": kendall_tau(true, -rates),
            }
        )
    return pd.DataFrame(rows)


def who_gains(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """Gains and losses by group, for each policy; empty where groups were not asked for."""
    parts = []
    sums = [
        {
            (column.metric, column.by, column.group): values.reshape((comparison.draws or 1), -1)
            for column, values in group_sums(place.found, i).items()
        }
        for i in range(len(place.labels))
    ]
    for label, after in zip(place.labels[1:], sums[1:], strict=True):
        if after:
            frame = gains(sums[0], after, place.groups)
            frame.insert(0, "policy", label)
            parts.append(frame)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
