"""Figures of a comparison: the forest of paired differences, whose path changed, and the matrix of an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.analysis.answer import Answer
from sim.analysis.assemble import job_of
from sim.analysis.changed import changed
from sim.analysis.comparison import HIGHER_IS_BETTER
from sim.plots.exchange import save_exchange
from sim.plots.forest import save_forest
from sim.plots.page import Compared
from sim.plots.paths import save_flows
from sim.scenario.comparison import Comparison, Design

MOST_FLOWS = 6  # policies for which a figure of changed paths is drawn
FLOW_REPLICATIONS = 20


def source_of(comparison: Comparison, calibrated: bool = False) -> str:
    """How much was run, and what the intervals cover."""
    luck = (
        f"{(comparison.draws or 1)} parameter draws of {comparison.replications} replications"
        if (comparison.draws or 1) > 1
        else f"{comparison.replications} replications at central values, so that intervals are about luck only"
    )
    told = "Calibrated" if calibrated and (comparison.draws or 1) > 1 else "Uncalibrated"
    return f"{told}. {luck}, seed {comparison.seed}."


def save_comparison(answer: Answer, comparison: Comparison, folder: Path) -> list[Path]:
    """The forest plot of a place, and for a few policies whose path they changed."""
    place = answer.place.cells[0].place
    base = answer.place.panel.policies[0]
    shown = Compared(place, source_of(comparison, answer.place.cells[0].posterior is not None))
    written = save_forest(answer.effects, folder, shown=shown, what=f"difference to {base}")
    if len(answer.place.cells) - 1 <= MOST_FLOWS:
        before = job_of(answer.place.cells[0], comparison).model(0)
        for i, cell in enumerate(answer.place.cells[1:], start=1):
            after = job_of(cell, comparison).model(0)
            flows = changed(before, after, comparison.seed, range(FLOW_REPLICATIONS))
            name = "paths" if len(answer.place.cells) == 2 else f"paths_{i}"
            source = f"{FLOW_REPLICATIONS} replications, seed {comparison.seed}, parameters at their central values."
            what = f"paths changed by {cell.policy}"
            written += save_flows(flows, folder, shown=Compared(place, source), what=what, name=name)
    return written


def save_matrix(answers: Sequence[Answer], design: Design, folder: Path) -> list[Path]:
    """The matrix of an exchange, for the objective."""
    comparison = design.comparison
    metric = answers[0].place.panel.metrics[0]
    first = answers[0].place.cells[0].place
    every = first.model_copy(update={"title": comparison.title})
    return save_exchange(
        exchange_frame(answers, design, metric),
        folder,
        shown=Compared(every, source_of(comparison, all(c.posterior is not None for c in design.cells))),
        what="what mechanisms change",
        metric=metric,
        better="higher" if comparison.objective in HIGHER_IS_BETTER else "lower",
    )


def exchange_frame(answers: Sequence[Answer], design: Design, metric: str) -> pd.DataFrame:
    """Effects of every mechanism in every place, in percent of the baseline, and those that cannot be in force."""
    rows = []
    for answer in answers:
        place = answer.place.cells[0].place
        title = f"{place.title.en} {place.title.zh}"
        for row in answer.effects[answer.effects["metric"] == metric].to_dict("records"):
            scale = 100.0 / row["baseline"] if row["baseline"] else float("nan")
            rows.append(
                {
                    "mechanism": row["policy"].lstrip("+-"),
                    "place": title,
                    "direction": "out" if row["policy"].startswith("-") else "in",
                    "shown": row["difference"] * scale,
                    "low": row["low"] * scale,
                    "high": row["high"] * scale,
                    "verdict": row["verdict"],
                    "reason": "",
                }
            )
        for (name, policy), why in design.left_out.items():
            if name == place.name:
                nothing = float("nan")
                cells = {"shown": nothing, "low": nothing, "high": nothing, "verdict": "", "reason": why}
                rows.append(
                    {"mechanism": policy.lstrip("+-"), "place": title, "direction": "cannot", **cells}
                )
    return pd.DataFrame(rows)
