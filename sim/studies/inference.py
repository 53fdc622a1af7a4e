"""A calibrated place for those who work with ArviZ: parameter draws in their own units, and what was observed."""

from __future__ import annotations

import importlib.util
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.language import Message
from sim.runs.posterior import Posterior, ReadingDraws
from sim.scenario.errors import UserError
from sim.scenario.metrics import READINGS
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.studies.drawn_numbers import numbers_of

if TYPE_CHECKING:
    from arviz import InferenceData


def as_inference_data(place: Place, posterior: Posterior, reading: str) -> InferenceData:
    """The draws of one reading as ArviZ `InferenceData`: one chain, since draws are of importance sampling, not MCMC.

    - `posterior`: a variable per parameter, by its path, in its own unit; what several numbers share (`shared.*`) in
      standard deviations of its prior.
    - `sample_stats`: `log_weight` of each draw, equal: draws were resampled by their weights when they were kept. Of
      the reading itself, at equal prior chances, the attribute `log_weight_of_reading`; how good the weights were
      before, `ess` and `pareto_k`.
    - `observed_data`: the figures that the calibration saw, by metric.

    Needs the extra `arviz`. Raises UserError without it, and for a reading that there is not.
    """
    if importlib.util.find_spec("arviz") is None:
        raise UserError(Message("this needs ArviZ, which is an extra: pip install 'village-disputes[arviz]'"))
    if reading not in READINGS:
        raise UserError(
            Message("reading: one of {readings}, not {reading}", readings=list(READINGS), reading=reading)
        )
    import arviz as az

    of = posterior.readings[reading]
    found: Any = az.from_dict(
        posterior=_values(place, posterior, of, reading),
        sample_stats={"log_weight": np.full((1, len(of)), -math.log(len(of)))},
        observed_data=_observed(place),
        attrs={"place": place.name, "reading": reading},
    )
    told = {
        "log_weight_of_reading": _of_reading(posterior, reading),
        "ess": of.about.get("ess"),
        "pareto_k": of.about.get("k"),
    }
    found.sample_stats.attrs.update({k: v for k, v in told.items() if v is not None})
    data: InferenceData = found
    return data


def _values(place: Place, posterior: Posterior, of: ReadingDraws, reading: str) -> dict[str, Any]:
    """Of each parameter its values, shape (1, draws)."""
    draws, measures = posterior.draws(reading), practice(place)
    rows = [numbers_of(*draws.model(place, measures, 1, d)) for d in range(1, len(of) + 1)]
    out: dict[str, Any] = {}
    for i, name in enumerate(of.names):
        path = next((path for path in (name, f"mechanism.{name}") if path in rows[0]), None)
        values = of.normal[:, i] if path is None else np.array([row[path] for row in rows])
        out[name] = values[None, :]
    return out


def _observed(place: Place) -> dict[str, Any]:
    """Reported figures that the calibration saw, by metric, those of one metric in the order of the file."""
    by_metric: dict[str, list[float]] = {}
    for target in place.targets:
        if target.role != "calibrate":
            continue
        by_metric.setdefault(target.metric, []).append(float(target.value))
    return {metric: np.array(values) for metric, values in by_metric.items()}


def _of_reading(posterior: Posterior, reading: str) -> float | None:
    """The log probability of a reading, both being as likely before the figures were seen."""
    factor = posterior.about.get("log_bayes_factor")
    if factor is None:
        return None
    sign = 1.0 if reading == READINGS[0] else -1.0
    return -float(np.logaddexp(0.0, -sign * float(factor)))
