"""A register in the likelihood of a calibration: against brute force, in a world that is linear, and in a real one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.outcomes.register import OTHERWISE, RELATIVE, SETTLED, WRITTEN, Form, Split, total_name
from sim.runs.executors.local import SerialExecutor
from sim.runs.points import coordinates
from sim.scenario.load import load_place
from sim.scenario.place import Target
from sim.scenario.policy import practice
from sim.scenario.prior import probabilities
from sim.statistics.proposal import LinearEmulator
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.register import Heard, Register, heard, levels, shifts, summaries
from sim.studies.calibration.register_figures import joined
from sim.studies.calibration.waves import case_at, simulated

SPLIT = Split("kind settled", SETTLED, "kind", ((0,), (1,), (2, 3)))
FORM = Form(
    *(date(2023, 1, 1), date(2023, 12, 31), levels((0.5, 1.0)), ((1.0, 0.5), (0.3, 0.5)), False, (SPLIT,))
)
COORDINATES = 6


def _emulator() -> LinearEmulator:
    slopes = np.random.default_rng(3).standard_normal((4, COORDINATES)) / 4
    residual = np.diag([0.02, 0.03, 0.05, 0.05])
    residual[0, 1] = residual[1, 0] = 0.01
    return LinearEmulator(np.array([5.0, 4.0, -0.3, -1.0]), slopes, residual)


def _heard(values: np.ndarray, form: Form = FORM) -> Heard:
    return Heard(form, ("settled", "otherwise", "k1", "k2"), _emulator(), values, None)


def test_the_shares_that_are_written_down_are_summed_out() -> None:
    values, z = np.array([4.9, 3.2, -0.2, -0.8]), np.random.default_rng(4).standard_normal((5, COORDINATES))
    one = _emulator()
    brute = []
    for point in z:
        total = 0.0
        for share in FORM.written:
            for relative, weight in FORM.relative:
                mean = one.intercept + one.slopes @ point
                mean[:2] += np.log(share), np.log(share * relative)
                density = stats.multivariate_normal(mean, one.residual).pdf(values)
                total += density * weight / len(FORM.written)
        brute.append(np.log(total))
    found = _heard(values).log(z)
    assert found - found[0] == pytest.approx(np.array(brute) - brute[0], abs=1e-9)


def test_what_a_search_takes_for_normal_has_the_mean_and_spread_of_the_shares() -> None:
    values = np.array([4.9, 3.2, -0.2, -0.8])
    known, form = _heard(values).known, FORM
    share = np.repeat(form.written, 2)
    relative = np.tile([1.0, 0.3], len(form.written))
    moved = shifts(form, share, relative)
    apart = values - _emulator().intercept - known.values
    assert apart[:2] == pytest.approx(moved.mean(axis=0)) and apart[2:] == pytest.approx(0.0)
    assert (known.covariance - _emulator().residual)[:2, :2] == pytest.approx(np.cov(moved.T, bias=True))


def test_the_share_of_unsettled_disputes_is_learnt_from_how_few_there_are() -> None:
    """Half as many unsettled ones as are expected, and a sixth: written down alike, and a third as often."""
    at = np.zeros((1, COORDINATES))
    for less, expected in ((0.0, 1.0), (np.log(0.3), 0.3)):
        values = _emulator().intercept + np.array([np.log(0.7), np.log(0.7) + less, 0.0, 0.0])
        relative, chance = _heard(values).recording(at, np.ones(1))[RELATIVE]
        assert chance[relative == expected].sum() > 0.95


def _replications(z: np.ndarray, seed: int) -> Figures:
    """Registers of a world that is linear: what `summaries` makes of them has the lines of `_emulator`."""
    rng = np.random.default_rng(seed)
    one = _emulator()
    y = one.intercept + z @ one.slopes.T + rng.multivariate_normal(np.zeros(4), one.residual, len(z))
    share, relative = rng.choice(FORM.written, len(z)), rng.choice([1.0, 0.3], len(z))
    logs = y[:, :2] + shifts(FORM, share, relative)
    cells = np.column_stack([np.full(len(z), 100.0), 100.0 * np.exp(y[:, 2:])])
    named = {total_name(o): np.exp(logs[:, i]) - 0.5 for i, o in enumerate((SETTLED, OTHERWISE))}
    named |= {name: cells[:, i] - 0.5 for i, name in enumerate(SPLIT.labels())}
    return {
        **named,
        WRITTEN: share,
        RELATIVE: relative,
        **{f"register days all {q}": share for q in (25, 50, 75)},
    }


def test_the_posterior_of_a_linear_world_is_the_one_that_is_known_in_closed_form() -> None:
    rng = np.random.default_rng(6)
    truth = rng.standard_normal((1, COORDINATES))
    own = {
        name: float(x[0]) for name, x in _replications(truth, 7).items() if name not in (WRITTEN, RELATIVE)
    }
    register = Register(FORM, own, {"file": "r.csv", "sha256": "0"})
    prior = rng.standard_normal((800, COORDINATES))
    asked: list[int] = []

    def look(scores: np.ndarray, number: int) -> tuple[np.ndarray, Figures]:
        asked.append(len(scores))
        return scores, _replications(scores, 100 + number)

    found = heard(register, (prior, _replications(prior, 8)), None, look, 800, 1)
    assert asked == [800] * 3
    exact = _heard(found.values)
    z = rng.standard_normal((10_000, COORDINATES))
    means = []
    for one in (found, exact):
        w = np.exp(one.log(z) - one.log(z).max())
        means.append((w @ z / w.sum(), np.sqrt(w @ z**2 / w.sum() - (w @ z / w.sum()) ** 2)))
    assert means[0][0] == pytest.approx(means[1][0], abs=0.12)
    assert means[0][1] == pytest.approx(means[1][1], rel=0.1)
    assert means[1][1].min() < 0.7  # something is learnt
    # A table of it: the register's own figures lie within what the posterior gives.
    w = np.exp(found.log(z) - found.log(z).max())
    kept = z[rng.choice(len(z), 600, p=w / w.sum())]
    table = joined(register, found, (z, w), _replications(prior, 9), (kept, _replications(kept, 10)))
    by_name = {str(f.figure): f for f in table.figures}
    assert by_name["disputes closed as settled"].value == pytest.approx(own[total_name(SETTLED)])
    assert all(0.005 < f.p < 0.995 for f in table.figures if f.used)
    settled = by_name["disputes closed as settled"]
    assert np.ptp(settled.posterior) < 0.9 * np.ptp(settled.prior)
    assert table.p > 0.05 and not list(table.complaints())


def test_a_register_that_no_county_of_the_model_would_have_is_named() -> None:
    values = _emulator().intercept + np.array([0.0, 0.0, 6.0, 0.0])
    assert _heard(values).goes_together(np.zeros((3, COORDINATES)), np.ones(3)) < 1e-6


def test_a_rate_that_the_register_set_before_gets_its_own_prior_back() -> None:
    place = load_place("daliu")
    before = place.incidence.latent_rate
    here = before.model_copy(update={"value": 25.0, "low": 24.0, "high": 30.0})
    z = np.random.default_rng(1).standard_normal((20_000, COORDINATES))
    plain = _heard(_emulator().intercept)
    one = Heard(FORM, plain.names, plain.emulator, plain.values, None, (0, here, before))
    weight = np.exp(one.log(z) - plain.log(z))
    x = np.where(
        z[:, 0] < 0, 24.0 + 2 * stats.norm.cdf(z[:, 0]), 25.0 + 10.0 * (stats.norm.cdf(z[:, 0]) - 0.5)
    )
    assert (weight[x > before.high] == 0).all()
    at = np.array([24.5, 25.5, 26.5, 27.5])
    found = np.histogram(x, np.append(at - 0.25, at[-1] + 0.25), weights=weight)[0]
    wanted = np.diff(probabilities(before, np.append(at - 0.25, at[-1] + 0.25)))
    assert found / found.sum() == pytest.approx(wanted / wanted.sum(), rel=0.05)


def test_the_number_of_rows_counts_once() -> None:
    place = load_place("daliu")
    target = Target.model_validate_json(
        '{"metric": "known_disputes", "value": 100, "exactness": "exact", "role": "calibrate", "source": "ledger"}'
    )
    both = place.model_copy(update={"targets": [*place.targets, target]})
    register = Register(FORM, {}, {})
    assert register.without_own_target(both).targets == place.targets
    other = target.model_copy(update={"source": "news"})
    kept = place.model_copy(update={"targets": [other]})
    assert register.without_own_target(kept).targets == [other]


def test_a_replication_has_the_figures_that_the_likelihood_needs_and_nothing_else_moves() -> None:
    place = load_place("daliu")
    measures = tuple(practice(place))
    names = coordinates(place, measures)
    z = np.zeros((2, len(names)))
    form = Form(place.window.start, place.window.end, (0.5,), ((1.0, 1.0),), True, (SPLIT,))
    plain, own = (
        simulated(case_at(place, measures, names, z, 5, "proportional", 1, f), executor=SerialExecutor())
        for f in (None, form)
    )
    y, called = summaries(form, own.found)
    assert y.shape == (2, 5) and len(called) == 5 and np.isfinite(y).all()
    for name, x in plain.found.items():
        assert np.array_equal(x, own.found[name], equal_nan=True), name
    known = own.found["known_disputes"]
    rows = sum(own.found[total_name(o)] for o in form.totals)
    assert (rows > 0.25 * known).all() and (rows < 0.9 * known).all()
