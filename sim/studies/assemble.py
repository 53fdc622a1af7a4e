"""From outcomes to arrays: what every analysis of a comparison begins with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.model.pools import STAFF_LEVEL
from sim.outcomes.groups import GROUPINGS
from sim.runs.case import Case
from sim.runs.impossible import filtered
from sim.runs.outcomes import Outcomes
from sim.runs.points import points_of
from sim.scenario.comparison import Cell, Comparison, Design
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.studies.costs import Cost, cost_of
from sim.studies.panel import Panel

HOURS, YUAN = "hours_total", "cost"


def case_of(
    cell: Cell, comparison: Comparison, engine: str = "compiled", effect: float | None = None
) -> Case:
    """The case of a cell. `effect` replaces the effect of its measures, for asking how strong they must be."""
    measures = cell.measures
    if effect is not None:
        measures = tuple(m.model_copy(update={"effect": effect}) for m in measures)
    posterior = cell.posterior if (comparison.draws or 1) > 1 else None
    return Case(
        cell.place,
        measures,
        comparison.seed,
        points=points_of(posterior),
        options=(("groups", comparison.groups),),
        engine=engine,
        policy=cell.policy,
    )


@dataclass(frozen=True)
class PlacePanel:
    """All that was found for one place: outcomes, some of them as a panel, and the cells behind, the baseline first.

    `impossible` counts, by policy, the parameter draws under which staff lack the hours that it takes. These draws
    count for no policy of the place: all outcomes are NaN there.
    """

    cells: tuple[Cell, ...]
    found: Outcomes
    panel: Panel
    costs: tuple[Cost, ...]
    impossible: dict[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """The draws that count, shape (draws,): those that have any outcome."""
        return np.asarray(~np.isnan(self.panel.values).all(axis=(0, 1, 3)))

    @property
    def readings(self) -> list[str]:
        """The readings of the record that parameter draws belong to in turn; none without draws of a posterior."""
        posterior = self.cells[0].posterior
        return [] if posterior is None or self.panel.draws < 2 else [name for name, _, _ in posterior.parts]

    @property
    def groups(self) -> list[int] | None:
        """The number of the reading that each draw belongs to; None without a posterior."""
        names, posterior = self.readings, self.cells[0].posterior
        if not names or posterior is None:
            return None
        return [names.index(posterior.reading(draw)) for draw in range(1, self.panel.draws + 1)]

    def own(self, reading: str) -> NDArray[np.bool_]:
        """The draws under which a record is read, shape (draws,): those calibrated under its reading, else all.

        What would be recorded under one reading at the draws of the other is a number that no reading gives.
        """
        every = np.ones(self.panel.draws, bool)
        groups = self.groups
        if groups is None or len(set(groups)) < 2 or reading not in self.readings:
            return every
        return np.asarray(np.array(groups) == self.readings.index(reading))

    @property
    def labels(self) -> list[str]:
        """The names of the policies."""
        return [cell.policy for cell in self.cells]


def place_panel(design: Design, outcomes: Outcomes, place: str) -> PlacePanel:
    """The outcomes of a place, of those of all cells of a design, in the order of the comparison's metrics."""
    comparison = design.comparison
    numbers = [n for n, cell in enumerate(design.cells) if cell.place.name == place]
    mine = outcomes if len(numbers) == len(design.cells) else outcomes.kept(numbers)
    found, left, impossible = filtered(mine)
    cells = tuple(design.cells[numbers[i]] for i in left)
    costs = tuple(cost_of(case_of(cell, comparison).model(0)) for cell in cells)
    metrics = dict.fromkeys([comparison.objective, *comparison.metrics])
    columns = tuple(column for metric in metrics for column in KNOWN_METRICS[metric].columns())
    panel = Panel(tuple(cell.policy for cell in cells), columns, found.grid(columns))
    return PlacePanel(cells, found, panel, costs, impossible)


def group_sums(found: Outcomes, case: int) -> dict[Column, NDArray[np.float64]]:
    """What each group bears under a policy, over its replications."""
    return {c: found.values(c, case) for c in found.columns if c.by in GROUPINGS and found.has(c, case)}


def busiest(found: Outcomes, case: int) -> Iterator[tuple[str, str, float]]:
    """Staff group, its most loaded township and that one's mean utilisation in percent."""
    means: dict[str, dict[str, float]] = {}
    for column in found.columns:
        if column.metric == "utilisation" and column.by in STAFF_LEVEL and found.has(column, case):
            value = float(np.nanmean(found.values(column, case)))
            means.setdefault(column.by, {})[column.group] = value
    for staff, by_unit in means.items():
        unit = max(by_unit, key=lambda u: by_unit[u])
        yield staff, unit, by_unit[unit]
