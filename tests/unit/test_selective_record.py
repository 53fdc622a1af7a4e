"""Selectivity of a record runs from one rate for all cases to the whole of what a target-driven place does."""

from __future__ import annotations

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.model import build
from sim.outcomes.cases import closed_cases, recorded, written
from sim.scenario.copies import copied
from sim.scenario.place import Place
from sim.studies.calibration.observe import log_likelihood
from tests.places import rich_place

PLACE = rich_place(population={"persons": 40_000}, villages={"count": 12})
DRAWS = Draws(3, 0)


def selective(extent: float, **shares: float) -> Place:
    """The place whose target-driven record goes so far."""
    driven = PLACE.recording.target_driven
    given = {"selectivity": extent, **shares}
    numbers = {k: driven.recorded.model_copy(update={"value": v}) for k, v in given.items()}
    recording = copied(PLACE.recording, {"target_driven": copied(driven, numbers)})
    return copied(PLACE, {"recording": recording})


TRACE = simulate(build(PLACE), DRAWS)
CASES = closed_cases(TRACE)


def of(extent: float, **shares: float) -> tuple[int, int, int]:
    """Files of true successes, of true failures, and successes in the record."""
    model = build(selective(extent, **shares))
    mediated, succeeded, _ = written(CASES, TRACE, model, DRAWS, reading="target_driven")
    return int((mediated & CASES.success).sum()), int((mediated & ~CASES.success).sum()), int(succeeded.sum())


def test_without_selectivity_all_cases_are_recorded_alike() -> None:
    shares = {"recorded": 0.6, "failures": 0.1, "relabelled": 1.0, "invented": 1.0}
    model = build(selective(0.0, **shares))
    plain = build(copied(PLACE, {"recording": copied(PLACE.recording, {"proportional": _at(0.6)})}))
    alike = recorded(CASES, TRACE, plain, DRAWS, reading="proportional")
    assert recorded(CASES, TRACE, model, DRAWS, reading="target_driven") == alike
    assert alike.mediated > alike.succeeded > 10


def _at(rate: float) -> object:
    plain = PLACE.recording.proportional
    return copied(plain, {"recorded": plain.recorded.model_copy(update={"value": rate})})


def test_the_more_selective_a_record_is_the_fewer_failures_it_has() -> None:
    shares = {"recorded": 0.9, "failures": 0.05, "relabelled": 1.0, "invented": 0.0}
    found = [of(extent, **shares) for extent in (0.0, 0.3, 0.6, 1.0)]
    assert len({successes for successes, _, _ in found}) == 1
    failures = [f for _, f, _ in found]
    assert failures == sorted(failures, reverse=True)
    assert failures[0] > 1.5 * failures[-1]
    assert found[-1][2] == sum(found[-1][:2])  # all of them relabelled
    assert found[0][2] == found[0][0]


def test_a_place_without_the_number_is_as_selective_as_its_ranges_say() -> None:
    driven = PLACE.recording.target_driven
    without = copied(
        PLACE,
        {"recording": copied(PLACE.recording, {"target_driven": copied(driven, {"selectivity": None})})},
    )
    assert recorded(CASES, TRACE, build(without), DRAWS, reading="target_driven") == recorded(
        CASES, TRACE, build(selective(1.0)), DRAWS, reading="target_driven"
    )


def test_the_likelihood_is_that_of_the_place_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.scenario.load import load_place
    from sim.studies.calibration import observe

    place = load_place("daliu")
    asked: list[float] = []

    def noted(place: Place, record: object, success: np.ndarray, *rest: object) -> object:
        asked.append(float(str(rest[-1])))
        raise KeyError

    monkeypatch.setattr(observe, "target_driven", noted)
    found = {
        name: np.ones(2)
        for name in (observe.SUCCESSES, observe.FAILURES, *map(observe.factor_name, observe.FACTORS))
    }
    number = place.recording.target_driven.recorded.model_copy(update={"value": 0.25})
    driven = copied(place.recording.target_driven, {"selectivity": number})
    quarter = copied(place, {"recording": copied(place.recording, {"target_driven": driven})})
    for county, told in ((place, None), (quarter, None), (quarter, 0.75)):
        with pytest.raises(KeyError):
            log_likelihood(county, found, "target_driven", 1, selectivity=told)
    assert asked == [1.0, 0.25, 0.75]
