"""The figures of a comparison: differences, whose path changed, and the matrix of an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from sim.language import Text, joined, marked, tr
from sim.scenario import terms
from sim.scenario.comparison import Comparison
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.place import Place
from sim.show.figures.exchange import exchange as matrix
from sim.show.figures.forest import captioned
from sim.show.figures.forest import forest as small_multiples
from sim.show.figures.page import Compared, Drawing
from sim.show.figures.paths import draw as draw_paths
from sim.studies.compare import Flows
from sim.studies.panel import about, columns_in


def source_of(comparison: Comparison, calibrated: bool = False) -> str:
    """How much was run, and what the intervals cover."""
    draws, n, seed = comparison.draws or 1, comparison.replications, comparison.seed
    run = (
        tr("{draws} parameter draws of {n} replications, seed {seed}.", draws=draws, n=n, seed=seed)
        if draws > 1
        else tr(
            "{n} replications at central values, so that intervals are about Monte Carlo error only, seed {seed}.",
            n=n,
            seed=seed,
        )
    )
    return joined(tr("Calibrated.") if calibrated and draws > 1 else tr("Uncalibrated."), run)


def forest(
    effects: pd.DataFrame, place: Place, base: str, comparison: Comparison, calibrated: bool
) -> Drawing:
    """Paired differences to a baseline, metric by metric."""
    shown = Compared(place, source_of(comparison, calibrated))
    what = tr("difference to {policy}", policy=terms.policy(base))
    return small_multiples(effects, **captioned("", "", shown, what))


def paths(flows: Flows) -> Drawing:
    """Whose path a policy changed, and from where to where."""
    said = marked("{n} replications, seed {seed}, parameters at their central values.")
    source = tr(said, n=flows.found.replications, seed=flows.seed)
    what = tr("paths changed by {policy}", policy=terms.policy(flows.policy))
    return draw_paths(flows.found, Compared(flows.place, source), what)


def exchange(
    found: Sequence[tuple[Place, pd.DataFrame]],
    left_out: Mapping[tuple[str, str], Text],
    comparison: Comparison,
    calibrated: bool,
) -> Drawing:
    """Every mechanism into each place that lacks it, and out of each that has it. `found` are places with effects."""
    column = columns_in(found[0][1])[0]
    every = found[0][0].model_copy(update={"title": comparison.title})
    shown = Compared(every, source_of(comparison, calibrated))
    return matrix(
        exchange_frame(found, left_out, column),
        metric=column.metric,
        reading=column.reading,
        unit=marked("% of the baseline"),
        better=KNOWN_METRICS[comparison.objective].aim,
        **captioned("", "", shown, tr("what mechanisms change")),
    )


def exchange_frame(
    found: Iterable[tuple[Place, pd.DataFrame]], left_out: Mapping[tuple[str, str], Text], column: Column
) -> pd.DataFrame:
    """Effects of every mechanism in every place, in percent of the baseline, and those that cannot be in force.

    `found` are places with their table of effects; `left_out` says why, by place and policy.
    """
    rows = []
    for place, effects in found:
        title = terms.title(place.title)
        for row in about(effects, column).to_dict("records"):
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
