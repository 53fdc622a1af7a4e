"""A small simulation-based calibration: synthetic counties of Daliu's size, fitted from a bank."""

from __future__ import annotations

import numpy as np
import pytest

from sim.runs.executors.local import SerialExecutor
from sim.scenario.load import load_place
from sim.studies.calibration.sbc import LOG, RATE, TRUE, Ranks, ranks, verdict


def test_a_wrong_posterior_is_noticed() -> None:
    rng = np.random.default_rng(1)
    good, narrow, shifted = rng.random(1000), rng.beta(0.5, 0.5, 1000), rng.beta(1.0, 1.4, 1000)
    frame = verdict(Ranks({"good": good, "narrow": narrow, "shifted": shifted}, np.ones(1000))).set_index(
        "quantity"
    )
    assert frame["p_holm"]["good"] > 0.01
    assert frame["p_holm"]["narrow"] < 1e-6 and frame["covered"]["narrow"] < 0.87
    assert frame["p_holm"]["shifted"] < 1e-6
    assert 0.87 < frame["covered"]["good"] < 0.93


@pytest.mark.parametrize("reading", ["proportional", pytest.param("target_driven", marks=pytest.mark.slow)])
def test_ranks_of_synthetic_counties_are_uniform(reading: str, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """60 counties and a bank of 500: enough to catch a likelihood that is wrong by a factor, not by a percent."""
    monkeypatch.chdir(tmp_path)
    from benchmarks.sbc import from_prior

    place = load_place("daliu")
    names, scores, found = from_prior(place, reading, 500, 1, SerialExecutor())  # type: ignore[arg-type]
    _, true_scores, true_found = from_prior(place, reading, 60, 2, SerialExecutor())  # type: ignore[arg-type]
    made = ranks(place, names, (scores, found), (true_scores, true_found), reading, 1)
    assert len(made.ess) >= 45  # a small bank has nothing near an odd county
    for quantity in (TRUE, RATE, LOG):
        x = made.ranks[quantity]
        assert np.abs(x.mean() - 0.5) < 4 * 0.29 / np.sqrt(len(x)), quantity
        assert np.mean((x > 0.05) & (x < 0.95)) > 0.75, quantity
