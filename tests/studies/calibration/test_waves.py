"""The replications of a calibration: each has luck of its own, and what its point is like does not depend on others."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import Model
from sim.runs.case import Case, forget_models
from sim.scenario.load import load_place
from sim.studies.calibration.fit import LEAST_REPEATED, REPEATED, Effort
from sim.studies.calibration.waves import case_at

NAMES = ("incidence.latent_rate",)
LOW, HIGH = [-3.0], [3.0]


def told(case: Case, order: list[int]) -> dict[int, dict[str, float]]:
    forget_models()
    found = {i: case.measure(i, i) for i in order}
    assert not any(measured.reason for measured in found.values())
    return {
        i: dict(zip(m.rows["metric"].to_pylist(), m.rows["value"].to_pylist(), strict=True))
        for i, m in found.items()
    }


def test_a_point_that_is_given_again_has_its_model_and_other_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.array([LOW, LOW, HIGH, LOW])
    case = case_at(load_place("daliu"), (), NAMES, scores, 3)
    built = []
    model = Case.model

    def counted(self: Case, draw: int) -> Model:
        built.append(draw)
        return model(self, draw)

    monkeypatch.setattr(Case, "model", counted)
    found = told(case, [0, 1, 2, 3])
    assert built == [0, 2]
    np.testing.assert_equal(told(case, [3, 2, 1, 0]), found)  # what came before does not matter
    arisen = [found[i]["latent_disputes"] for i in range(4)]
    assert len({arisen[0], arisen[1], arisen[3]}) == 3 and arisen[2] > max(arisen[:2] + arisen[3:])


@pytest.mark.parametrize(
    ("share", "repeated"), [(0.04, LEAST_REPEATED), (0.5, 25), (1.0, REPEATED), (3.0, REPEATED)]
)
def test_less_effort_looks_at_luck_at_fewer_points(share: float, repeated: int) -> None:
    assert Effort().scaled(share).repeated == repeated
    assert Effort().scaled(1.0) == Effort()
