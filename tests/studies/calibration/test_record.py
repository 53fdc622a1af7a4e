"""The likelihood of a record against brute force, and against posteriors that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.scenario.load import load_place
from sim.scenario.place import Exactness, Target
from sim.scenario.prior import densities
from sim.statistics.thinning import Reported
from sim.studies.calibration.record import proportional, reported, rounding, target_driven

PLACE = load_place("liucheng")
FACTORS = {n: np.ones(1) for n in ("recorded", "failures", "relabelled", "invented")}


def ones(n: int) -> dict[str, np.ndarray]:
    return {name: np.ones(n) for name in FACTORS}


@pytest.mark.parametrize(
    ("s", "f", "mediated", "succeeded"), [(40, 8, 30, 27), (100, 3, 60, 60), (12, 12, 10, 4)]
)
def test_proportional_is_the_integral_over_the_rate(s: int, f: int, mediated: int, succeeded: int) -> None:
    record = Reported(mediated, (succeeded,))
    found = proportional(PLACE, record, np.array([float(s)]), np.array([float(f)]), 1).log[0]
    r = np.linspace(0, 1, 40_001)
    prior = densities(PLACE.recording.proportional.recorded, r)
    chance = stats.binom.pmf(succeeded, s, r) * stats.binom.pmf(mediated - succeeded, f, r)
    assert found == pytest.approx(np.log(np.trapezoid(chance * prior, r)), abs=0.02)


def test_a_record_larger_than_what_happened_is_impossible() -> None:
    record = Reported(50, (45,))
    log = proportional(PLACE, record, np.array([44.0, 60.0]), np.array([20.0, 4.0]), 1).log
    assert np.isneginf(log).all()


def test_a_rounded_rate_is_the_sum_over_the_numbers_that_agree() -> None:
    targets = [
        Target(metric="mediated", value=1120, exactness=Exactness.EXACT, role="calibrate", source="x"),
        Target(
            metric="success_rate",
            value=98.7,
            exactness=Exactness.TRUNCATED,
            decimals=1,
            role="calibrate",
            source="x",
        ),
    ]
    record = reported(targets)
    assert record.mediated == 1120
    assert record.succeeded == (1106,)  # 1106 of 1120 are 98.75 %: the only number that is cut off to 98.7
    assert rounding(targets[1]) == pytest.approx((98.7, 98.8))
    s, f = np.array([1600.0]), np.array([30.0])
    both = proportional(PLACE, Reported(1120, (1105, 1106)), s, f, 1).log[0]
    each = [proportional(PLACE, Reported(1120, (k,)), s, f, 1).log[0] for k in (1105, 1106)]
    assert both == pytest.approx(np.logaddexp(*each))


def test_target_driven_agrees_with_simulated_records() -> None:
    """The estimate's mean over many replicates against the share of simulated records that are the reported one."""
    s, f, record = 60, 25, Reported(50, (47,))
    spec = PLACE.recording.target_driven
    rng = np.random.default_rng(3)
    n = 2_000_000
    from sim.scenario.prior import quantiles

    x = {
        k: quantiles(getattr(spec, k), rng.random(n))
        for k in ("recorded", "failures", "relabelled", "invented")
    }
    real = rng.binomial(s, x["recorded"])
    written = rng.binomial(f, x["failures"])
    turned = rng.binomial(written, x["relabelled"])
    files = np.floor(x["invented"] * real + rng.random(n))
    succeeded = real + turned + files
    hit = (succeeded == 47) & (written - turned == 3)
    many = 4000
    found = target_driven(PLACE, record, np.full(many, float(s)), np.full(many, float(f)), ones(many), 5).log
    estimate, error = np.exp(found).mean(), np.exp(found).std() / np.sqrt(many)
    expected, expected_error = hit.mean(), np.sqrt(hit.mean() / n)
    assert abs(estimate - expected) < 4 * np.hypot(error, expected_error)


@pytest.mark.parametrize(("mediated", "succeeded"), [(1294, 1271), (1120, 1106)])
def test_with_a_flat_prior_on_true_success_the_exact_posterior_comes_out(
    mediated: int, succeeded: int
) -> None:
    """Liucheng and Fengcheng: Beta(K + 1, M - K + 1) has mean (K + 1)/(M + 2); within 0.05 points, error below 0.02."""
    rng = np.random.default_rng(7)
    n = 60_000
    p = rng.uniform(0.9, 1.0, n)  # the posterior lies far inside, so that the cut does not matter
    cases = rng.integers(1500, 4000, n)
    s = rng.binomial(cases, p).astype(float)
    log = proportional(PLACE, Reported(mediated, (succeeded,)), s, cases - s, 1).log
    w = np.exp(log - log.max())
    w /= w.sum()
    mean = float(w @ p)
    error = float(np.sqrt((w**2) @ (p - mean) ** 2))
    assert 1.96 * 100 * error < 0.02
    assert 100 * mean == pytest.approx(100 * (succeeded + 1) / (mediated + 2), abs=0.05)


def test_a_bound_is_met_with_its_probability() -> None:
    record = Reported(at_least=600.0, mixed=0.5)
    log = proportional(PLACE, record, np.array([100.0, 2000.0]), np.array([50.0, 300.0]), 1).log
    assert np.isneginf(log[0])
    assert log[1] > np.log(0.5)
