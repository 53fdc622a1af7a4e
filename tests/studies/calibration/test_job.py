"""The replications of a calibration: each has luck of its own, and what its point is like does not depend on others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.model import Model
from sim.runs.calibration_job import FEASIBLE, CalibrationJob
from sim.scenario.load import load_place
from sim.studies.calibration.fit import LEAST_REPEATED, REPEATED, Effort

NAMES = ("incidence.latent_rate",)
LOW, HIGH = [-3.0], [3.0]


def told(job: CalibrationJob, order: list[int]) -> dict[int, dict[str, float]]:
    prepared: Any = job.prepare()
    return {i: {r["metric"]: r["value"] for r in job.run(prepared, i)} for i in order}


def test_a_point_that_is_given_again_has_its_model_and_other_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.array([LOW, LOW, HIGH, LOW])
    job = CalibrationJob(load_place("daliu"), (), NAMES, scores, 3)
    built = []
    model = CalibrationJob.model

    def counted(self: CalibrationJob, point: int) -> Model | None:
        built.append(point)
        return model(self, point)

    monkeypatch.setattr(CalibrationJob, "model", counted)
    found = told(job, [0, 1, 2, 3])
    assert built == [0, 2, 3]
    np.testing.assert_equal(told(job, [3, 2, 1, 0]), found)  # what came before does not matter
    assert all(f[FEASIBLE] == 1.0 for f in found.values())
    arisen = [found[i]["latent_disputes"] for i in range(4)]
    assert len({arisen[0], arisen[1], arisen[3]}) == 3 and arisen[2] > max(arisen[:2] + arisen[3:])


@pytest.mark.parametrize(
    ("share", "repeated"), [(0.04, LEAST_REPEATED), (0.5, 25), (1.0, REPEATED), (3.0, REPEATED)]
)
def test_less_effort_looks_at_luck_at_fewer_points(share: float, repeated: int) -> None:
    assert Effort().scaled(share).repeated == repeated
    assert Effort().scaled(1.0) == Effort()
