"""From stored cells to arrays: what every analysis of a comparison begins with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.runs.cells import CellStores, Found, load_cell
from sim.runs.policy_job import GROUP_LAYER, IMPOSSIBLE, READINGS, RECORDED, PolicyJob, numbers
from sim.scenario.comparison import Cell, Comparison, Design
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.prices import Prices
from sim.studies.costs import Cost, cost_of
from sim.studies.panel import Panel
from sim.studies.possible import sorted_out

HOURS, YUAN = "hours_total", "cost"
Key = tuple[str, str, str, str]


def job_of(
    cell: Cell, comparison: Comparison, engine: str = "compiled", effect: float | None = None
) -> PolicyJob:
    """The job of a cell. `effect` replaces the effect of its measures, for asking how strong they must be."""
    measures = cell.measures
    if effect is not None:
        measures = tuple(m.model_copy(update={"effect": effect}) for m in measures)
    posterior = cell.posterior if (comparison.draws or 1) > 1 else None
    return PolicyJob(cell.place, measures, comparison.seed, engine, comparison.groups, posterior)


def keys_of(metric: str) -> dict[str, Key]:
    """Under which names and keys a metric is found: one that is recorded, under both readings."""
    if metric in RECORDED:
        return {f"{metric} ({r.replace('_', '-')})": ("recorded", metric, r, "") for r in READINGS}
    return {metric: ("true", metric, "", "")}


@dataclass(frozen=True)
class PlacePanel:
    """All that was found for one place: outcomes as a panel, and the cells behind it, the baseline first.

    `impossible` counts, by policy, the parameter draws under which staff lack the hours that it takes. These draws
    count for no policy of the place: all outcomes are NaN there.
    """

    cells: tuple[Cell, ...]
    found: tuple[Found, ...]
    panel: Panel
    costs: tuple[Cost, ...]
    impossible: dict[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """The draws that count, shape (draws,): those that have any outcome."""
        return np.asarray(~np.isnan(self.panel.values).all(axis=(0, 1, 3)))

    @property
    def labels(self) -> list[str]:
        """The names of the policies."""
        return [cell.policy for cell in self.cells]


def place_panel(design: Design, stores: CellStores, place: str, engine: str = "compiled") -> PlacePanel:
    """The outcomes of a place from the stores, in the order of the comparison's metrics."""
    comparison = design.comparison
    cells = tuple(design.of(place))
    wanted = numbers(design.draws, comparison.replications)
    jobs = [job_of(cell, comparison, engine) for cell in cells]
    found = tuple(load_cell(stores, job, wanted) for job in jobs)
    cells, jobs, found, impossible = _possible(cells, jobs, found, design)
    costs = tuple(cost_of(job.model(0)) for job in jobs)
    names: dict[str, Key] = {}
    for metric in dict.fromkeys([comparison.objective, *comparison.metrics]):
        names |= keys_of(metric)
    values = panel_values(found, list(names.values()), design.draws)
    units = {name: KNOWN_METRICS[key[1]].unit for name, key in names.items()}
    panel = Panel(tuple(cell.policy for cell in cells), tuple(names), units, values)
    return PlacePanel(cells, found, panel, costs, impossible)


def _possible(
    cells: tuple[Cell, ...], jobs: list[PolicyJob], found: tuple[Found, ...], design: Design
) -> tuple[tuple[Cell, ...], list[PolicyJob], tuple[Found, ...], dict[str, int]]:
    """Without the draws that are impossible under a policy, and without the policies that mostly are."""
    draws = design.draws
    bad = [_impossible(f, draws) for f in found]
    counts = {c.policy: int(b.sum()) for c, b in zip(cells, bad, strict=True) if b.any()}
    if not counts:
        return cells, jobs, found, {}
    kept, out = sorted_out([c.policy for c in cells], np.array(bad))
    rows = np.repeat(out, len(next(iter(found[0].values.values()))) // draws)
    masked = tuple(
        Found({k: np.where(rows, np.nan, x) for k, x in found[i].values.items() if k != IMPOSSIBLE})
        for i in kept
    )
    return tuple(cells[i] for i in kept), [jobs[i] for i in kept], masked, counts


def _impossible(found: Found, draws: int) -> NDArray[np.bool_]:
    """Which draws are."""
    said = found.values.get(IMPOSSIBLE)
    if said is None:
        return np.zeros(draws, dtype=bool)
    out: NDArray[np.bool_] = np.nan_to_num(said).reshape(draws, -1).any(axis=1)
    return out


def panel_values(found: Sequence[Found], keys: Sequence[Key], draws: int) -> NDArray[np.float64]:
    """Outcomes as an array (policies, metrics, draws, replications); NaN where a replication has no such outcome."""
    first = next(iter(found[0].values.values()))
    nothing = np.full(len(first), np.nan)
    rows = [[f.values.get(key, nothing) for key in keys] for f in found]
    return np.array(rows).reshape(len(found), len(keys), draws, -1)


def group_frame(place: PlacePanel, draws: int) -> pd.DataFrame:
    """What each group bears, as the long frame that `groups` takes: a row per policy, group, draw and replication."""
    parts = []
    for label, found in zip(place.labels, place.found, strict=True):
        for (layer, metric, grouping, group), values in found.values.items():
            if layer != GROUP_LAYER or metric == "utilisation":
                continue
            n = len(values) // draws
            parts.append(
                pd.DataFrame(
                    {
                        "policy": label,
                        "group_kind": grouping,
                        "group": group,
                        "draw": np.repeat(np.arange(draws), n),
                        "replication": np.tile(np.arange(n), draws),
                        "metric": metric,
                        "value": values,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def busiest(found: Found) -> Iterator[tuple[str, str, float]]:
    """Staff group, its most loaded township and that one's mean utilisation in percent."""
    means: dict[str, dict[str, float]] = {}
    for (layer, metric, staff, unit), values in found.values.items():
        if layer == GROUP_LAYER and metric == "utilisation":
            means.setdefault(staff, {})[unit] = float(np.nanmean(values))
    for staff, by_unit in means.items():
        unit = max(by_unit, key=lambda u: by_unit[u])
        yield staff, unit, by_unit[unit]


def yuan(cost: Cost, prices: Prices) -> float:
    """What a policy costs inside the window: money, priced hours and priced persons."""
    return cost.yuan + prices.hours(cost.hours) + prices.persons(cost.person_years)
