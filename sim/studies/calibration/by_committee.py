"""The same simulations with cases counted per committee: what a reading says then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.studies.calibration.diagnosis import mean_of
from sim.studies.calibration.fit import Fit, pooled


def by_committee(reading: str, fit: Fit, halves: Sequence[Fit], seed: int) -> Iterator[dict[str, Any]]:
    """True success (percent), log evidence and effective size with cases counted per dispute and per committee."""
    for basis in ("dispute", "committee"):
        one = fit if basis == "dispute" else pooled(halves, seed, basis)
        suffix = "" if basis == "dispute" else " by committee"
        success, failure = one.found[SUCCESSES + suffix], one.found[FAILURES + suffix]
        usable = one.weighted.ess > 0
        rate, se = (
            mean_of(one, 100 * success / np.maximum(success + failure, 1)) if usable else (math.nan, math.nan)
        )
        yield {
            "reading": reading,
            "counted_per": basis,
            "true_success_rate": rate,
            "standard_error": se,
            "log_evidence": one.weighted.log_evidence,
            "ess": one.weighted.ess,
        }
