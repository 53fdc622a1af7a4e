"""The yardstick itself: it passes what agrees, fails what does not, and refuses to judge where it sees nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.theory.measure import REPLICATIONS, Comparison, Disagreement, agree, caught

VALUES = 10.0 + np.random.default_rng(3).standard_normal(REPLICATIONS)


def test_agreement_within_the_margin_passes() -> None:
    agree([Comparison("mean", VALUES, 10.0, 0.15)])


def test_a_mean_that_is_off_is_a_disagreement_however_narrow_the_margin() -> None:
    for margin in (1e-6, 0.15, 10.0):
        with pytest.raises(Disagreement, match="mean: "):
            agree([Comparison("mean", VALUES, 12.0, margin)])


def test_a_vague_mean_does_not_pass_and_is_no_disagreement() -> None:
    with pytest.raises(AssertionError, match="too vague") as found:
        agree([Comparison("mean", VALUES, 10.0, 0.01)])
    assert not isinstance(found.value, Disagreement)


def test_too_few_or_undefined_values_do_not_pass() -> None:
    with pytest.raises(AssertionError):
        agree([Comparison("mean", VALUES[:-1], 10.0, 0.15)])
    with pytest.raises(AssertionError):
        agree([Comparison("mean", np.where(VALUES > 11, np.nan, VALUES), 10.0, 0.15)])


def test_a_mutant_must_be_noticed_by_the_quantity_that_is_named() -> None:
    def check() -> None:
        agree([Comparison("queue", VALUES, 10.0, 0.15), Comparison("wait", VALUES, 12.0, 0.15)])

    caught(check, "wait")
    with pytest.raises(AssertionError, match="did not notice"):
        caught(check, "queue")


def test_false_alarms_are_rare() -> None:
    """In 20,000 samples of a normal the half-width misses at most once (0.02 are expected)."""
    samples = np.random.default_rng(4).standard_normal((20_000, REPLICATIONS)) + 10.0
    width = Comparison("mean", samples[0], 10.0, 1.0).half_width / samples[0].std(ddof=1)
    missed = np.abs(samples.mean(axis=1) - 10.0) > width * samples.std(axis=1, ddof=1)
    assert missed.sum() <= 1
    assert width * np.sqrt(REPLICATIONS) == pytest.approx(5.8, abs=0.2)
