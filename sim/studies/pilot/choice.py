"""Which trial to hold: the smallest that is strong enough under every reading, or else the strongest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.statistics.cluster_trials import LEVEL
from sim.studies.pilot.trials import POWER

WEAK = 0.5  # below this power a trial is as likely to miss the effect as to show it
ALARMS = 0.075  # a trial that alarms falsely more often than this is not trusted
SAME = ["design", "villages", "clusters", "months", "steps", "chosen"]


@dataclass(frozen=True)
class Recommended:
    """A row of `designs` by reading, and whether it is strong enough under all of them."""

    rows: pd.DataFrame
    enough: bool

    @property
    def power(self) -> float:
        """Under the reading under which it is weakest."""
        return float(self.rows["power"].min())

    def one(self, name: str) -> object:
        """What it is, the same under every reading."""
        return self.rows.iloc[0][name]

    @property
    def first(self) -> dict[str, object]:
        """Of its rows the first, by column."""
        return {str(name): x for name, x in self.rows.iloc[0].items()}

    @property
    def design(self) -> str:
        """Its kind."""
        return str(self.one("design"))

    def number(self, name: str) -> int:
        """Villages, clusters, months or steps."""
        return int(str(self.one(name)))

    @property
    def weak(self) -> bool:
        """Whether it is as likely to miss the effect as to show it."""
        return self.power < WEAK


def recommended(designs: pd.DataFrame, metric: str) -> Recommended | None:
    """By lot, judged by one outcome; None where no trial keeps its false alarms.

    Of trials that show the effect in 80 % of cases under every reading the one with the fewest months of villages; if
    there is none, the one that could show the smallest effect: powers near 5 % would tell luck apart, not designs.
    """
    own = designs[(designs["metric"] == metric) & (designs["chosen"] == "lot")]
    whole = own.groupby(SAME, sort=False).agg(
        power=("power", "min"),
        least=("detectable", "max"),
        alarms=("false_alarms", "max"),
        error=("false_alarms_se", "max"),
    )
    trusted = whole["alarms"] - 2 * np.nan_to_num(whole["error"]) <= max(LEVEL, ALARMS - 2 * 0.0125)
    kept = whole[trusted].reset_index()
    if kept.empty:
        return None
    kept["size"] = kept["villages"] * kept["months"]
    strong = kept[kept["power"] >= POWER]
    if len(strong):
        chosen = strong.sort_values(["size", "power"], ascending=[True, False], kind="stable").iloc[0]
    else:
        chosen = kept.sort_values(["least", "size"], kind="stable").iloc[0]
    same = (own[SAME] == pd.Series({name: chosen[name] for name in SAME})).all(axis=1)
    return Recommended(own[same].reset_index(drop=True), bool(len(strong)))
