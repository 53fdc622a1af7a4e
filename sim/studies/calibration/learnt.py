"""What the figures told and what they could not: contraction, free directions, and which further figure would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.metrics import HEADLINES, IN_RECORD
from sim.statistics.contraction import explained, moments, principal_directions
from sim.studies.calibration.fit import Fit
from sim.studies.calibration.observe import Figures, calibrated

Floats = NDArray[np.float64]
NOT_PRINTABLE = ("factor ", "recorded ", "register ", "cases_", "cases behind ", "realised ", "true_")


def contraction(fit: Fit) -> pd.DataFrame:
    """Per parameter, in prior standard deviations: posterior mean and sd, and 1 − variance (0: nothing was learnt).

    `noise` is the standard error of the contraction that so many effective draws leave where nothing was learnt.
    """
    found = moments(fit.weighted.weights, fit.scores)
    frame = pd.DataFrame(
        {
            "parameter": fit.names,
            "mean": found.mean,
            "sd": np.sqrt(found.variance),
            "contraction": found.contraction,
            "noise": found.contraction_se,
            "mean_noise": found.mean_se,
        }
    )
    order = np.argsort(-(frame["mean"].abs() / frame["mean_noise"] + frame["contraction"] / frame["noise"]))
    return frame.iloc[order].reset_index(drop=True)


@dataclass(frozen=True)
class Spectrum:
    """Variances of the posterior, prior = 1, along orthogonal directions that figures speak of; others stay free."""

    variances: Floats
    shifts: Floats  # of the mean, in prior standard deviations
    words: tuple[str, ...]  # what each direction consists of
    free: int
    noise: float


def spectrum(fit: Fit) -> Spectrum:
    """The directions that the emulator's slopes span, turned so that the posterior is uncorrelated in them."""
    dimensions = fit.scores.shape[1]
    noise = float(np.sqrt(2.0 / max(fit.weighted.ess, 2.0)))
    if fit.emulator is None or not len(fit.emulator.slopes):
        return Spectrum(np.zeros(0), np.zeros(0), (), dimensions, noise)
    basis = np.linalg.qr(fit.emulator.slopes.T)[0]
    found = principal_directions(fit.weighted.weights, fit.scores, basis)
    words = []
    for column in found.along.T:
        top = np.argsort(-np.abs(column))[:4]
        words.append(", ".join(f"{column[i]:+.2f} {fit.names[i]}" for i in top))
    return Spectrum(found.variances, found.shifts, tuple(words), dimensions - len(found.variances), noise)


def extra_figures(fit: Fit, found: Figures, repeats: int, goals: Sequence[str] = HEADLINES) -> pd.DataFrame:
    """How much of the doubt in a goal each figure that the place does not publish would remove, if it were published.

    `found` are replications of posterior draws, `repeats` of each in a row; shares as in `explained`.
    """
    said = {t.metric for t in calibrated(fit.place)}
    said |= {"success_rate", "true_success_rate"} if said & set(IN_RECORD) else set()
    rows = []
    for goal in goals:
        if goal not in found:
            continue
        g = found[goal].reshape(-1, repeats)
        for name, values in found.items():
            each = values.reshape(-1, repeats)
            x = each[:, 0]
            if (
                name in said
                or name == goal
                or name.startswith(NOT_PRINTABLE)
                or np.isnan(x).any()
                or np.ptp(x) == 0
            ):
                continue
            rows.append((goal, name, *explained(each, g)))
    frame = pd.DataFrame(rows, columns=["goal", "figure", "explains", "low", "high"])
    return frame.sort_values(["goal", "explains"], ascending=[True, False]).reset_index(drop=True)
