"""What pairing is worth: one more mediator in the most loaded township of Liucheng."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.runs.batch import pairs, run
from sim.runs.executors.local import SerialExecutor
from sim.scenario.comparison import made
from sim.statistics.paired import paired
from sim.studies.assemble import PlacePanel, busiest, case_of, place_panel

# Availability at which the most loaded township has more than 80 % of its hours in use.
SCARCE = "working.township_mediators.share=0.06"
REPLICATIONS = 24


def _compared(policies: list[str], folder: Path) -> tuple[PlacePanel, np.ndarray]:
    """The place with the policies, or alone, and how many more people the last of them brings by pool."""
    design = made(
        ["liucheng"], policies or ["none"], name="compare", sets=[SCARCE], replications=REPLICATIONS
    )
    cases = [case_of(cell, design.comparison) for cell in design.cells]
    found = run(cases, pairs(1, REPLICATIONS), folder=folder, executor=SerialExecutor())
    servers = [case.model(0).pools.persons for case in cases]
    return place_panel(design, found, "liucheng"), servers[-1] - servers[0]


def test_pairing_cuts_the_variance_of_one_more_mediator_at_least_tenfold(tmp_path: Path) -> None:
    place, _ = _compared([], tmp_path)
    loaded = {staff: (unit, use) for staff, unit, use in busiest(place.found, 0)}
    unit, use = loaded["township_mediators"]
    assert use >= 80.0
    place, more = _compared([f"+more_staff:township_mediators=1:township={unit.split()[1]}"], tmp_path)
    assert more.sum() == 1
    column = place.panel.column("days_in_conflict_per_1000")
    before, after = (place.panel.of(p, column) for p in place.panel.policies)
    found = paired(before, after)
    # Against independent runs for real: the same replications, shifted by one, so that no pair shares its luck.
    apart = np.roll(after, 1, axis=1) - before
    assert found.variance_ratio >= 10
    assert apart.var(ddof=1) >= 10 * (after - before).var(ddof=1)
    assert found.mean + 2 * found.mc_se < 0, "one more mediator where the queue is longest shortens conflicts"
