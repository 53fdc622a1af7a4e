"""A posterior as ArviZ has it: the numbers that a simulation of a draw would use, and what was observed."""

from __future__ import annotations

import math
from dataclasses import replace

import arviz as az
import numpy as np
import pytest

from sim.runs.posterior import Posterior, ReadingDraws, load, path_of
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.policy import practice
from sim.studies.drawn_numbers import numbers_of
from sim.studies.inference import as_inference_data

DRAWS = 6


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    """The first draws of a shipped posterior, with a Bayes factor that is easy to count with."""
    whole = load(path_of("daliu"))
    few = {n: ReadingDraws(r.names, r.scores[:DRAWS], r.about) for n, r in whole.readings.items()}
    return replace(whole, readings=few, about={**whole.about, "log_bayes_factor": math.log(3.0)})


@pytest.mark.parametrize(("reading", "share"), [("proportional", 0.75), ("target_driven", 0.25)])
def test_draws_weights_and_observations(posterior: Posterior, reading: str, share: float) -> None:
    place = load_place("daliu")
    found = as_inference_data(place, posterior, reading)
    assert isinstance(found, az.InferenceData)
    of = posterior.readings[reading]
    assert set(found.posterior.data_vars) == set(of.names)
    fourth = numbers_of(*posterior.draws(reading).model(place, practice(place), 1, 4))
    assert float(found.posterior["detection.party_days"][0, 3]) == fourth["detection.party_days"]
    assert float(found.posterior["screening.detects"][0, 3]) == fourth["mechanism.screening.detects"]
    assert np.array_equal(
        found.posterior["shared.success"][0], of.normal[:, of.names.index("shared.success")]
    )
    assert np.exp(found.sample_stats["log_weight"]).sum() == pytest.approx(1)
    assert math.exp(found.sample_stats.attrs["log_weight_of_reading"]) == pytest.approx(share)
    seen = {t.metric: t.value for t in place.targets if t.role == "calibrate"}
    assert {name: float(x[0]) for name, x in found.observed_data.items()} == seen
    assert len(az.summary(found, var_names=["detection.party_days"], kind="stats")) == 1


def test_a_reading_that_there_is_not(posterior: Posterior) -> None:
    with pytest.raises(UserError, match="proportional"):
        as_inference_data(load_place("daliu"), posterior, "both")
