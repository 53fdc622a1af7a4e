"""What places share: which numbers are alike, and what some places say of another before its figures are seen.

A number k of place j has the normal score z_jk, standard normal in each place as in a fit of its own, with correlation
ρ_k between places: the prior of one place alone is unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HUMAN, STATUTORY, LOCAL = 0.8, 0.95, 0.0
# How alike places are, by the beginning of a number's name; the first that fits counts. Assumed.
ALIKE: tuple[tuple[str, float], ...] = (
    ("calendars.", STATUTORY),
    ("tiers.trial.", STATUTORY),
    ("tiers.court_mediation.", STATUTORY),
    ("tiers.decision.", STATUTORY),
    ("agreement.", HUMAN),
    ("character.", HUMAN),
    ("tiers.", HUMAN),
    ("kinds.", HUMAN),
    ("going.", HUMAN),
    ("petition.", HUMAN),
    ("eruption.", HUMAN),
    ("detection.rounds.", LOCAL),
    ("detection.", HUMAN),
    ("one_village_one_police.", HUMAN),
)
SHARES = ".share"  # how kinds and choices are mixed is local


def alike(name: str) -> float:
    """The correlation of a number between places."""
    if name.endswith(SHARES) or ".party_choice." in name:
        return LOCAL
    return next((rho for start, rho in ALIKE if name.startswith(start)), LOCAL)


class Pool:
    """Which numbers places share, and what a place's prior is, given the others. `places` names the numbers of each."""

    def __init__(self, places: Sequence[Sequence[str]]) -> None:
        self.names = sorted({n for names in places for n in names})
        index = {n: i for i, n in enumerate(self.names)}
        self.rho = np.array([alike(n) for n in self.names])
        self.at = [np.array([index[n] for n in names]) for names in places]

    def conditional(self, states: Sequence[Floats], which: int) -> tuple[Floats, Floats]:
        """Means, shape (chains, names of the place), and variances of a place's scores, given those of the others."""
        total = np.zeros((len(states[0]), len(self.names)))
        count = np.zeros(len(self.names))
        for j, z in enumerate(states):
            if j != which:
                total[:, self.at[j]] += z
                count[self.at[j]] += 1
        denominator = 1.0 + (count - 1.0) * self.rho
        there = count > 0
        gain = np.where(there, self.rho / np.where(there, denominator, 1.0), 0.0)
        variance = 1.0 - count * self.rho * gain
        here = self.at[which]
        return (total * gain)[:, here], variance[here]
