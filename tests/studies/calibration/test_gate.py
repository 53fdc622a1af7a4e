"""The gate: no false alarm beyond what is derived, and a small shift of the recorded rate is caught."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
from scipy import stats

from sim.cli.check import github_lines, junit
from sim.scenario.load import load_place
from sim.studies.calibration.gate import FALSE_ALARM, Check, compared, with_tolerance
from sim.studies.calibration.watched import watched

PLACE = load_place("liucheng")
DRAWS, PINNED = 200, 10_000
RATES = np.random.default_rng(0).normal(98.0, 0.5, DRAWS)  # what draws of a posterior would give


def figures(rng: np.random.Generator, repeats: int = 1) -> dict[str, np.ndarray]:
    """What replications of the draws report: binomial luck around each draw's rates."""
    true = np.repeat(np.clip(RATES, 0, 100), repeats)
    mediated = rng.poisson(1294, len(true)).astype(float)
    succeeded = rng.binomial(mediated.astype(int), true / 100.0).astype(float)
    return {
        "recorded mediated": mediated,
        "recorded succeeded": succeeded,
        "recorded success_rate": 100 * succeeded / mediated,
        "true_success_rate": 100 * rng.binomial(2000, true / 100.0) / 2000,
    }


def pins(rng: np.random.Generator) -> dict[str, dict[str, float]]:
    repeats = PINNED // DRAWS
    out = {}
    for name, x in figures(rng, repeats).items():
        sd = float(np.sqrt(x.reshape(-1, repeats).var(axis=1, ddof=1).mean()))
        out[name] = {"mean": float(x.mean()), "sd": sd, "n": len(x)}
    return out


PINS = pins(np.random.default_rng(1))


def checks(seed: int, shift: float = 0.0) -> list[Check]:
    found = figures(np.random.default_rng([2, seed]))
    found["recorded success_rate"] = found["recorded success_rate"] + shift
    feasible = np.ones(DRAWS, dtype=bool)
    return with_tolerance(list(compared(PLACE, "proportional", found, feasible, PINS)))


def test_the_true_rate_is_watched_beside_what_is_reported() -> None:
    assert set(watched(PLACE)) == set(PINS)


def test_the_tolerance_is_derived_from_luck_and_the_probability_of_a_false_alarm() -> None:
    one = checks(0)[0]
    z = stats.norm.ppf(1 - FALSE_ALARM / (2 * 4))
    sd = PINS[one.figure]["sd"]
    assert one.tolerance == z * sd * np.sqrt(1 / DRAWS + 1 / PINNED)


def test_no_seed_of_200_raises_an_alarm() -> None:
    assert all(c.passed for seed in range(200) for c in checks(seed))


def test_half_a_point_in_the_recorded_rate_is_caught_in_100_of_100_runs() -> None:
    for shift in (0.5, -0.5):
        caught = sum(not all(c.passed for c in checks(1000 + seed, shift)) for seed in range(100))
        assert caught >= 99


def test_failures_are_told_to_machines() -> None:
    good, bad = checks(0), checks(0, 0.5)
    assert github_lines(good) == []
    (line,) = github_lines(bad)
    assert line.startswith("::error file=scenarios/places/liucheng.yaml,title=calibration::")
    assert "recorded success_rate" in line and "beyond luck" in line
    suite = ET.fromstring(junit(bad)).find("testsuite")
    assert suite is not None and suite.get("tests") == "4" and suite.get("failures") == "1"
    assert len(suite.findall("testcase/failure")) == 1


def test_a_figure_without_a_pin_is_no_pass() -> None:
    found = figures(np.random.default_rng(5))
    lost = {k: v for k, v in PINS.items() if k != "true_success_rate"}
    made = list(compared(PLACE, "proportional", found, np.ones(DRAWS, dtype=bool), lost))
    (one,) = [c for c in made if c.figure == "true_success_rate"]
    assert not one.passed and "no pinned mean" in one.problem
    assert not replace(one, problem="", pinned=float("nan")).passed
