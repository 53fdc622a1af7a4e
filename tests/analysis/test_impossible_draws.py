"""Parameter draws under which staff lack the hours that a policy takes: they count for no policy of the place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.answer import answer
from sim.analysis.assemble import job_of, place_panel
from sim.analysis.posteriors import of_design
from sim.experiments.cells import complete_cells
from sim.experiments.executor import SerialExecutor
from sim.experiments.policy_job import numbers
from sim.scenario.comparison import Comparison, Design, resolved
from sim.scenario.errors import ScenarioError
from sim.scenario.prices import load_prices

DRAWS = 10


def design_of(policy: str) -> Design:
    comparison = Comparison.model_validate(
        {
            "schema_version": 1,
            "design": "comparison",
            "name": "some",
            "title": {"en": "Some", "zh": "一些"},
            "about": "",
            "places": ["daliu"],
            "policies": {"some": policy, "whistle": "+whistle"},
            "draws": DRAWS,
            "replications": 2,
            "metrics": ["days_in_conflict_per_1000"],
        }
    )
    return of_design(resolved(comparison), [], "auto", "both")


def panel_of(design: Design, folder: Path):  # type: ignore[no-untyped-def]
    jobs = [job_of(cell, design.comparison) for cell in design.cells]
    wanted = numbers(design.draws, design.comparison.replications)
    stores = complete_cells(jobs, wanted, folder, executor=SerialExecutor())
    return place_panel(design, stores, "daliu")


def test_such_draws_count_for_no_policy(tmp_path: Path) -> None:
    design = design_of("+one_village_one_police")
    jobs = [job_of(cell, design.comparison) for cell in design.cells]
    bad = {d for d in range(1, DRAWS + 1) for job in jobs if job.possible(d) is None}
    assert 0 < len(bad) <= DRAWS // 4, "the policy was chosen for being impossible in a few draws"
    place = panel_of(design, tmp_path)
    assert place.impossible == {place.labels[1]: len(bad)}
    missing = np.isnan(place.panel.values).all(axis=(0, 1, 3))
    assert set((np.flatnonzero(missing) + 1).tolist()) == bad
    assert not np.isnan(place.panel.values[:, :, ~missing]).any()
    found = answer(place, design.comparison, load_prices(None))
    assert found.decision.draws == DRAWS - len(bad)
    assert np.isfinite(found.effects["difference"]).all()


def test_a_policy_that_is_mostly_impossible_is_left_out(tmp_path: Path) -> None:
    place = panel_of(design_of("+household_visits"), tmp_path)
    assert place.labels[1:] == [c.policy for c in place.cells[1:]] and len(place.labels) == 2
    gone = [p for p in place.impossible if p not in place.labels]
    assert len(gone) == 1 and place.impossible[gone[0]] > DRAWS / 4
    assert not np.isnan(place.panel.values).any()


def test_where_nothing_is_left_the_message_says_why(tmp_path: Path) -> None:
    design = design_of("+household_visits")
    only = Design(design.comparison, design.cells[:2])
    with pytest.raises(ScenarioError, match="staff lack the hours that it takes in"):
        panel_of(only, tmp_path)
