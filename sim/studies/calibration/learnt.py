"""What the figures told and what they could not: contraction, free directions, and which further figure would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.metrics import HEADLINES
from sim.studies.calibration.fit import Fit
from sim.studies.calibration.observe import Figures, calibrated
from sim.studies.calibration.record import IN_RECORD

Floats = NDArray[np.float64]
NOT_PRINTABLE = ("factor ", "recorded ", "cases_", "true_")


def contraction(fit: Fit) -> pd.DataFrame:
    """Per parameter, in prior standard deviations: posterior mean and sd, and 1 − variance (0: nothing was learnt).

    `noise` is the standard error of the contraction that so many effective draws leave where nothing was learnt.
    """
    w, z = fit.weighted.weights, fit.scores
    kept = w > 0
    w, z = w[kept], z[kept]
    mean = w @ z
    variance = w @ (z - mean) ** 2
    frame = pd.DataFrame(
        {"parameter": fit.names, "mean": mean, "sd": np.sqrt(variance), "contraction": 1.0 - variance}
    )
    error = errors(fit)
    frame["noise"] = np.sqrt(2.0) * error / np.sqrt(variance)
    frame["mean_noise"] = error
    order = np.argsort(-(frame["mean"].abs() / frame["mean_noise"] + frame["contraction"] / frame["noise"]))
    return frame.iloc[order].reset_index(drop=True)


def errors(fit: Fit) -> Floats:
    """Standard error of the posterior mean of every parameter, in prior standard deviations."""
    kept = fit.weighted.weights > 0
    w, z = fit.weighted.weights[kept], fit.scores[kept]
    out: Floats = np.sqrt((w**2) @ (z - w @ z) ** 2)
    return out


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
    kept = fit.weighted.weights > 0
    w, y = fit.weighted.weights[kept], fit.scores[kept] @ basis
    mean = w @ y
    values, vectors = np.linalg.eigh(((y - mean) * w[:, None]).T @ (y - mean))
    turned = basis @ vectors
    words = []
    for column in turned.T:
        top = np.argsort(-np.abs(column))[:4]
        words.append(", ".join(f"{column[i]:+.2f} {fit.names[i]}" for i in top))
    return Spectrum(values, vectors.T @ mean, tuple(words), dimensions - len(values), noise)


def extra_figures(fit: Fit, found: Figures, repeats: int, goals: Sequence[str] = HEADLINES) -> pd.DataFrame:
    """How much of the doubt in a goal each figure that the place does not publish would remove, if it were published.

    `found` are replications of posterior draws, `repeats` of each in a row. The share of a goal's variance between
    draws that a figure explains is the squared rank correlation of the figure in one replication with the goal in
    others, put right for the luck in the goal (its correlation between two halves). 95 % intervals by Fisher's z.
    """
    said = {t.metric for t in calibrated(fit.place)}
    said |= {"success_rate", "true_success_rate"} if said & set(IN_RECORD) else set()
    rows = []
    for goal in goals:
        if goal not in found:
            continue
        g = found[goal].reshape(-1, repeats)
        half = max(1, (repeats - 1) // 2)
        first, second = g[:, 1 : 1 + half].mean(axis=1), g[:, -half:].mean(axis=1)
        reliability = max(float(stats.spearmanr(first, second)[0]), 0.05)
        rest = g[:, 1:].mean(axis=1)
        full = 2 * reliability / (1 + reliability)  # Spearman and Brown: of the mean of both halves
        for name, values in found.items():
            x = values.reshape(-1, repeats)[:, 0]
            if (
                name in said
                or name == goal
                or name.startswith(NOT_PRINTABLE)
                or np.isnan(x).any()
                or np.ptp(x) == 0
            ):
                continue
            r = float(stats.spearmanr(x, rest)[0])
            apart = 1.96 * 1.03 / np.sqrt(max(len(x) - 3, 1))
            low, high = np.tanh(np.arctanh(np.clip(abs(r), 0, 0.999)) + np.array([-apart, apart]))
            shares = np.clip(np.array([max(low, 0.0), abs(r), high]) ** 2 / full, 0.0, 1.0)
            rows.append((goal, name, shares[1], shares[0], shares[2]))
    frame = pd.DataFrame(rows, columns=["goal", "figure", "explains", "low", "high"])
    return frame.sort_values(["goal", "explains"], ascending=[True, False]).reset_index(drop=True)
