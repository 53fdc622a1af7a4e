"""Figures of a comparison: the forest of paired differences, whose path changed, and the matrix of an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from sim.language import Text, joined, tr
from sim.scenario import terms
from sim.scenario.comparison import Comparison
from sim.scenario.place import Place
from sim.show.figures.exchange import save_exchange
from sim.show.figures.forest import save_forest
from sim.show.figures.page import Compared
from sim.show.figures.paths import save_flows
from sim.studies.answer import Answer
from sim.studies.changed import Changed
from sim.studies.comparison import HIGHER_IS_BETTER


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
    return [*written, *save_paths(cells[0].place, answer.paths, comparison.seed, folder)]


def save_differences(
    effects: pd.DataFrame, place: Place, base: str, comparison: Comparison, calibrated: bool, folder: Path
) -> list[Path]:
    """The forest plot of the differences to a baseline."""
    shown = Compared(place, source_of(comparison, calibrated))
    what = tr("difference to {policy}", policy=terms.policy(base))
    return save_forest(effects, folder, shown=shown, what=what)


def save_paths(place: Place, found: Mapping[str, Changed], seed: int, folder: Path) -> list[Path]:
    """Whose path each policy changed against the baseline."""
    written: list[Path] = []
    for i, (policy, flows) in enumerate(found.items(), start=1):
        name = "paths" if len(found) == 1 else f"paths_{i}"
        source = tr(
            "{n} replications, seed {seed}, parameters at their central values.",
            n=flows.replications,
            seed=seed,
        )
        what = tr("paths changed by {policy}", policy=terms.policy(policy))
        written += save_flows(flows, folder, shown=Compared(place, source), what=what, name=name)
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
