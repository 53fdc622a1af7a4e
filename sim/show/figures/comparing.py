"""Figures of a comparison: the forest of paired differences, whose path changed, and the matrix of an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sim.language import Text, joined, tr
from sim.scenario import terms
from sim.scenario.comparison import Cell, Comparison
from sim.scenario.place import Place
from sim.show.figures.exchange import save_exchange
from sim.show.figures.forest import save_forest
from sim.show.figures.page import Compared
from sim.show.figures.paths import save_flows
from sim.studies.answer import Answer
from sim.studies.assemble import case_of
from sim.studies.changed import changed
from sim.studies.comparison import HIGHER_IS_BETTER

MOST_FLOWS = 6  # policies for which a figure of changed paths is drawn
FLOW_REPLICATIONS = 20


def source_of(comparison: Comparison, calibrated: bool = False) -> str:
    """How much was run, and what the intervals cover."""
    draws, n, seed = comparison.draws or 1, comparison.replications, comparison.seed
    run = (
        tr("{draws} parameter draws of {n} replications, seed {seed}.", draws=draws, n=n, seed=seed)
        if draws > 1
        else tr(
            "{n} replications at central values, so that intervals are about luck only, seed {seed}.",
            n=n,
            seed=seed,
        )
    )
    return joined(tr("Calibrated.") if calibrated and draws > 1 else tr("Uncalibrated."), run)


def save_comparison(answer: Answer, comparison: Comparison, folder: Path) -> list[Path]:
    """The forest plot of a place, and for a few policies whose path they changed."""
    cells = answer.place.cells
    base = answer.place.panel.policies[0]
    calibrated = cells[0].posterior is not None
    written = save_differences(answer.effects, cells[0].place, base, comparison, calibrated, folder)
    return [*written, *save_paths(cells, comparison, folder)]


def save_differences(
    effects: pd.DataFrame, place: Place, base: str, comparison: Comparison, calibrated: bool, folder: Path
) -> list[Path]:
    """The forest plot of the differences to a baseline."""
    shown = Compared(place, source_of(comparison, calibrated))
    what = tr("difference to {policy}", policy=terms.policy(base))
    return save_forest(effects, folder, shown=shown, what=what)


def save_paths(cells: Sequence[Cell], comparison: Comparison, folder: Path) -> list[Path]:
    """Whose path each policy changed against the first, the baseline; nothing where there are many policies."""
    written: list[Path] = []
    if len(cells) - 1 > MOST_FLOWS:
        return written
    before = case_of(cells[0], comparison).model(0)
    for i, cell in enumerate(cells[1:], start=1):
        after = case_of(cell, comparison).model(0)
        flows = changed(before, after, comparison.seed, range(FLOW_REPLICATIONS))
        name = "paths" if len(cells) == 2 else f"paths_{i}"
        source = tr(
            "{n} replications, seed {seed}, parameters at their central values.",
            n=FLOW_REPLICATIONS,
            seed=comparison.seed,
        )
        what = tr("paths changed by {policy}", policy=terms.policy(cell.policy))
        written += save_flows(flows, folder, shown=Compared(cell.place, source), what=what, name=name)
    return written


def save_matrix(
    frame: pd.DataFrame, metric: str, first: Place, comparison: Comparison, calibrated: bool, folder: Path
) -> list[Path]:
    """The matrix of an exchange, for a metric that is the objective. `first` is any of its places."""
    every = first.model_copy(update={"title": comparison.title})
    return save_exchange(
        frame,
        folder,
        shown=Compared(every, source_of(comparison, calibrated)),
        what=tr("what mechanisms change"),
        metric=metric,
        better="higher" if comparison.objective in HIGHER_IS_BETTER else "lower",
    )


def exchange_frame(
    found: Iterable[tuple[Place, pd.DataFrame]], left_out: Mapping[tuple[str, str], Text], metric: str
) -> pd.DataFrame:
    """Effects of every mechanism in every place, in percent of the baseline, and those that cannot be in force.

    `found` are places with their table of effects; `left_out` says why, by place and policy.
    """
    rows = []
    for place, effects in found:
        title = terms.title(place.title)
        for row in effects[effects["metric"] == metric].to_dict("records"):
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
        for (name, policy), why in left_out.items():
            if name == place.name:
                nothing = float("nan")
                cells = {"shown": nothing, "low": nothing, "high": nothing, "verdict": "", "reason": why}
                rows.append(
                    {"mechanism": policy.lstrip("+-"), "place": title, "direction": "cannot", **cells}
                )
    return pd.DataFrame(rows)
