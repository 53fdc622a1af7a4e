"""The gate: no false alarm beyond what is derived, and a small shift of the recorded rate is caught."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
from scipy import stats

from sim.cli.check import github_lines, junit
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.studies.calibration.aimed import aimed
from sim.studies.calibration.gate import FALSE_ALARM, compared, with_tolerance
from sim.studies.calibration.gate_check import Check
from sim.studies.calibration.watched import watched
from sim.studies.check import Checked

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
    assert "recorded success_rate" in line and "beyond Monte Carlo error" in line
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


# The gate on reported figures.


def looked(rate: float, reading: str = "proportional", seed: int = 1, place: Place = PLACE) -> list[Check]:
    """Checks of reported figures where the model records this mean rate, its pins remade."""
    rng = np.random.default_rng([9, seed])
    mediated = rng.poisson(1294, DRAWS).astype(float)
    rates = np.clip(rng.normal(rate, 0.45, DRAWS), 0, 100)
    succeeded = rng.binomial(mediated.astype(int), rates / 100).astype(float)
    found = {
        "recorded mediated": mediated,
        "recorded succeeded": succeeded,
        "recorded success_rate": 100 * succeeded / mediated,
    }
    return with_tolerance(list(aimed(place, reading, found, np.ones(DRAWS, dtype=bool), seed)))


def test_a_place_that_gives_its_reported_figures_passes_with_any_luck() -> None:
    assert all(c.passed for seed in range(200) for c in looked(98.2, seed=seed))


def test_scores_of_zero_with_pins_remade_do_not_pass() -> None:
    failed = [str(c.figure) for c in looked(77.0) if not c.passed]
    assert any("success_rate" in name for name in failed) and "recorded failures" in failed


def test_one_log_odds_less_with_pins_remade_does_not_pass() -> None:
    odds = np.log(98.2 / 1.8) - 1.0
    assert any(not c.passed for c in looked(100 / (1 + np.exp(-odds))))


def test_a_known_misfit_is_named_and_does_not_fail() -> None:
    targets = [
        t.model_copy(update={"misfits": {"proportional": "the ranges do not allow it"}})
        if t.metric == "success_rate"
        else t
        for t in PLACE.targets
    ]
    place = PLACE.model_copy(update={"targets": targets})
    found = [c for c in looked(97.0, place=place) if not c.met]
    assert found and all(c.passed and c.misfit for c in found)
    assert not all(c.passed for c in looked(97.0, "target_driven", place=place))
    assert "known misfit" in str(Checked(tuple(found), (), 1).misfits[0])
