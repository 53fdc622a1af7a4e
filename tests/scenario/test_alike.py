"""Numbers of one name hang together across tiers and kinds, and each keeps its own prior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from sim.runs.points import coordinates
from sim.scenario.fields import quantities
from sim.scenario.load import load_place
from sim.scenario.policy import practice
from sim.scenario.prior import (
    across,
    correlated,
    drawn_place,
    luck,
    place_at,
    probabilities,
    shared_name,
    shared_names,
    together,
)
from sim.studies.calibrate.plan import with_correlation

PLACE = load_place("daliu")
REFUSES = ("tiers.village.refuses", "tiers.township.refuses", "tiers.police.refuses")


def test_names() -> None:
    assert shared_name("tiers.village.success") == shared_name("kinds.land.success") == "shared.success"
    assert (
        not shared_name("kinds.land.share")
        and not shared_name("going.sues")
        and not shared_name("screening.detects")
    )


def test_each_keeps_its_prior_and_pairs_have_the_correlation() -> None:
    u = np.random.default_rng(1).random((3, 40_000))
    a, b = together(0.8, u[0], u[2]), together(0.8, u[1], u[2])
    assert stats.kstest(a, "uniform").pvalue > 0.01
    assert np.corrcoef(ndtri(a), ndtri(b))[0, 1] == pytest.approx(0.8, abs=0.01)


def test_draws_of_a_place_hang_together_and_only_where_they_share_a_name() -> None:
    found = {".".join(map(str, p)): q for p, q in quantities(PLACE)}
    drawn = []
    for d in range(1, 400):
        here = {".".join(map(str, p)): q for p, q in quantities(drawn_place(PLACE, 5, d))}
        names = (*REFUSES, "going.sues")
        drawn.append([ndtri(probabilities(found[n], np.array(float(here[n])))) for n in names])
    found_correlation = np.corrcoef(np.array(drawn).T)
    assert found_correlation[0, 1] == pytest.approx(0.8, abs=0.06)
    assert found_correlation[1, 2] == pytest.approx(0.8, abs=0.06)
    assert abs(found_correlation[0, 3]) < 0.2


def test_the_middle_stays_the_middle_and_none_is_none() -> None:
    middle = place_at(PLACE, lambda _: 0.5)
    assert float(middle.tiers.village.refuses) == pytest.approx(float(PLACE.tiers.village.refuses))
    apart = with_correlation(PLACE, 0.0)
    assert not shared_names(apart, REFUSES) and across(PLACE) == 0.8
    one = drawn_place(apart, 5, 1)
    quantity = PLACE.tiers.village.refuses
    assert probabilities(quantity, np.array(float(one.tiers.village.refuses))) == pytest.approx(
        luck(5, 1, "tiers.village.refuses")
    )


def test_one_number_at_a_time_is_as_in_a_whole_place() -> None:
    def raw(name: str) -> float:
        return luck(3, 7, name)

    whole = place_at(PLACE, raw)
    u = correlated(PLACE, raw)("tiers.village.refuses")
    assert probabilities(
        PLACE.tiers.village.refuses, np.array(float(whole.tiers.village.refuses))
    ) == pytest.approx(u)


def test_what_is_common_is_a_coordinate_of_a_calibration() -> None:
    names = coordinates(PLACE, tuple(practice(PLACE)))
    assert "shared.refuses" in names and "shared.severity" in names
    assert "shared.refuses" not in coordinates(with_correlation(PLACE, 0.0), ())
