"""What a place is like over the selectivity of its record: how much more likely a success is on file than a failure.

0 is proportional recording, where both are recorded alike; 1 is target-driven recording as its ranges have it. Between
them lies every record that leaves out, relabels and invents somewhat (`sim.statistics.thinning.different_rates`). What
was simulated for the two ends is weighed anew for each point between; nothing more is simulated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from sim.language import marked
from sim.outcomes.figures import FACTORS, factor_name
from sim.runs.posterior import IMPOSSIBLE
from sim.scenario.metrics import HEADLINES
from sim.statistics.quantiles import weighted_quantiles
from sim.statistics.weights import Weighted, normalised
from sim.studies.calibration.fit import Fit, at_selectivity
from sim.studies.calibration.observe import Figures, record_of

Floats = NDArray[np.float64]
GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
# The chance of a failure to be on file as one, over that of a success.
ON_FILE = marked("failures on file per success")
FIGURES = (*HEADLINES, "known_disputes", "unresolved_days_per_1000")
BAND = (0.05, 0.5, 0.95)
DRIVEN = "recording.target_driven."


@dataclass(frozen=True)
class Over:
    """The replications of one fit, weighed at each selectivity of `GRID`.

    `log` has shape (len(GRID), replications): what is added to the log of a replication's weight under its own reading;
    `on_file` the ratio of `ON_FILE` drawn for each, of the same shape.
    """

    fit: Fit
    weighted: tuple[Weighted, ...]
    log: Floats
    on_file: Floats

    @property
    def own(self) -> float:
        """The selectivity of the fit itself."""
        return own_of(self.fit)


def own_of(fit: Fit) -> float:
    """The selectivity at which a fit was made."""
    return fit.place.recording.target_driven.extent if fit.reading == "target_driven" else 0.0


def over(fit: Fit, seed: int) -> Over:
    """A fit over `GRID`; at its own end it is what it was."""
    own = own_of(fit)
    weighted, log, on_file = [], [], []
    for at in GRID:
        part = fit.likelihood if at == own else at_selectivity(fit, at, seed)
        weighted.append(fit.weighted if at == own else normalised(part.log + fit.base))
        with np.errstate(invalid="ignore"):
            log.append(np.where(np.isfinite(part.log), part.log - fit.likelihood.log, -np.inf))
        on_file.append(_on_file(part.parameters, fit.found, at))
    return Over(fit, tuple(weighted), np.array(log), np.array(on_file))


def _on_file(drawn: Mapping[str, Floats], found: Figures, at: float) -> Floats:
    n = len(next(iter(found.values())))
    if at == 0.0 or f"{DRIVEN}recorded" not in drawn:
        return np.ones(n)
    value = {k: drawn[DRIVEN + k] * found[factor_name(k)] for k in FACTORS}
    r = np.clip(value["recorded"], 1e-9, 1.0)
    failures = r ** (1.0 - at) * np.clip(value["failures"], 0.0, 1.0) ** at
    kept = 1.0 - at * np.clip(value["relabelled"], 0.0, 1.0)
    ratio: Floats = failures * kept / (r * (1.0 + at * value["invented"]))
    return ratio


def table(fits: Sequence[Over]) -> pd.DataFrame:
    """A row for each selectivity and figure: 5, 50 and 95 %; the effective replications behind it; the log evidence.

    At an end it is the fit of that reading; between, those of all count by how many effective ones each has.
    """
    rows: list[dict[str, object]] = []
    if not fits or not record_of(fits[0].fit.place).says_something:
        return pd.DataFrame()
    for i, at in enumerate(GRID):
        here = [o for o in fits if o.own == at] or fits
        parts = [(o, o.weighted[i]) for o in here if o.weighted[i].ess > 0]
        ess = sum(w.ess for _, w in parts)
        if not ess:
            continue
        weights = np.concatenate([w.weights * w.ess / ess for _, w in parts])
        evidence = float(logsumexp([w.log_evidence for _, w in parts], b=[w.ess / ess for _, w in parts]))
        for figure in (ON_FILE, *FIGURES):
            if figure != ON_FILE and not all(figure in o.fit.found for o, _ in parts):
                continue
            x = [o.on_file[i] if figure == ON_FILE else o.fit.found[figure] for o, _ in parts]
            low, middle, high = weighted_quantiles(np.concatenate(x), weights, BAND)
            rows.append(
                {
                    "selectivity": at,
                    "figure": figure,
                    "p05": low,
                    "p50": middle,
                    "p95": high,
                    "log_evidence": evidence,
                    "ess": ess,
                }
            )
    return pd.DataFrame(rows)


def kept_weights(one: Over, rows: NDArray[np.int64]) -> dict[str, object]:
    """For the posterior file: what to add to the log weight of each kept draw, one line for each selectivity."""
    lines = [
        " ".join(f"{x:.3f}" if math.isfinite(x) else IMPOSSIBLE for x in line) for line in one.log[:, rows]
    ]
    return {"at": list(GRID), "log_weights": lines}
