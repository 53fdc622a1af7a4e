"""One of several equal parts of a place stands for the whole: what must stay, what grows, and that a bias is seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.model import build
from sim.runs.executors.local import SerialExecutor
from sim.runs.points import coordinates
from sim.scenario.load import load_place
from sim.scenario.part import part_of
from sim.scenario.policy import Coverage, Measure, practice
from sim.studies.calibration.part_bias import LARGE, LIMIT, biases_of, judged, parts_of
from sim.studies.calibration.watched import watched
from sim.studies.calibration.waves import Wave, case_at, recorded_name, simulated
from tests.places import rich_place

PARTS, REPLICATIONS = 4, 120
# Twelve villages a part: a village without a neighbour of its own size would show.
PLACE = rich_place(
    population={"persons": 96_000},
    villages={"count": 48},
    townships={"count": 8},
    county={
        "departments": 40,
        "judges": 40,
        "petition_officers": 40,
        "decision_officers": 40,
        "court_mediators": 40,
    },
)


def replications(parts: int, seed: int) -> dict[str, np.ndarray]:
    case = case_at(PLACE, (), ("incidence.latent_rate",), np.zeros((1, 1)), seed, "proportional", parts)
    return dict(simulated(case, executor=SerialExecutor(), repeats=REPLICATIONS).found)


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    return replications(1, 1), replications(PARTS, 2)


def test_a_part_has_its_share_of_people_units_and_county_staff_and_the_same_per_head() -> None:
    part = part_of(PLACE, PARTS)
    assert (part.population.persons.value, part.villages.count.value, part.townships.count.value) == (
        24_000,
        12,
        2,
    )
    assert part.county.judges.value == 10
    assert part.villages.mediators == PLACE.villages.mediators
    assert part.incidence == PLACE.incidence
    assert part_of(PLACE, 1) == PLACE


@pytest.mark.parametrize("name", ["cases_succeeded", "known_disputes", "petitions", "staff_hours_total"])
def test_counts_of_a_part_are_those_of_the_whole(name: str, both) -> None:  # type: ignore[no-untyped-def]
    """Welch's test; the margin is narrow enough to see a part that is counted once too often."""
    whole, part = (x[name] for x in both)
    error = np.sqrt(whole.var(ddof=1) / len(whole) + part.var(ddof=1) / len(part))
    assert error * 4.9 < whole.mean() / PARTS
    assert abs(whole.mean() - part.mean()) < 4.9 * error


def test_shares_and_days_of_a_part_are_not_multiplied(both) -> None:  # type: ignore[no-untyped-def]
    whole, part = both
    for name in ("true_success_rate", "time_to_settlement_mean"):
        error = np.sqrt(whole[name].var(ddof=1) / REPLICATIONS + part[name].var(ddof=1) / REPLICATIONS)
        assert error < 0.1 * whole[name].mean()
        assert abs(whole[name].mean() - part[name].mean()) < 4.9 * error


def test_the_record_of_a_part_has_the_luck_of_the_whole_record(both) -> None:  # type: ignore[no-untyped-def]
    """Its cases are recorded as often as there are parts, each time anew: the variance is that of as many cases."""
    chance = float(PLACE.recording.proportional.recorded.value)
    for found in both:
        cases = found["cases_succeeded"] + found["cases_failed"]
        z = (found[recorded_name("mediated")] - chance * cases) / np.sqrt(cases * chance * (1 - chance))
        low, high = stats.chi2.ppf([1e-6, 1 - 1e-6], len(z)) / len(z)
        assert high < PARTS / 1.5  # one record, multiplied, would have PARTS times the variance
        assert low < float((z**2).mean()) < high


def test_only_large_places_are_divided_and_none_whose_measures_name_villages() -> None:
    place = load_place("fengcheng")
    measures = tuple(practice(place))
    parts = parts_of(place, measures)
    assert parts > 1
    assert build(part_of(place, parts), measures).villages.expected.sum() < 1.1 * LARGE
    assert parts_of(load_place("daliu"), ()) == 1
    named = Measure(mechanism="whistle", coverage=Coverage(villages=[1, 2]))
    assert parts_of(place, (named,)) == 1
    assert "window.end" in coordinates(place, measures)


def test_a_bias_that_would_move_the_posterior_is_a_failed_diagnosis() -> None:
    place = load_place("fengcheng")
    rng = np.random.default_rng(1)
    draws, repeats = 200, 10
    level = {name: rng.normal(50.0, 5.0, draws) for name in watched(place)}

    def found(times: int, shift: float) -> dict[str, np.ndarray]:
        return {k: np.repeat(x, times) + rng.normal(shift, 1.0, draws * times) for k, x in level.items()}

    whole = Wave(np.zeros((draws, 1)), found(1, 0.0), np.ones(draws, dtype=bool))
    (fine,) = judged(list(biases_of(place, found(repeats, 0.0), whole, repeats)))
    (bad,) = judged(list(biases_of(place, found(repeats, 2.0), whole, repeats)))
    assert fine.passed and fine.value < 0.1
    assert not bad.passed and bad.value == pytest.approx(2.0 / 5.1, abs=0.1) and bad.value > LIMIT
