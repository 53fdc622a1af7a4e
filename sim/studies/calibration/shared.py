"""Which numbers of a place are alike in other places: human ones and statutory ones are, local ones are not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.statistics.partial_pooling import PartialPooling

HUMAN, STATUTORY, LOCAL = 0.8, 0.95, 0.0
# Correlation between places by the beginning of a number's name; the first that fits counts. Assumed.
CORRELATIONS: tuple[tuple[str, float], ...] = (
    ("shared.", HUMAN),
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


def correlation_between_places(name: str) -> float:
    """The correlation of a number between places."""
    if name.endswith(SHARES) or ".party_choice." in name:
        return LOCAL
    return next((rho for start, rho in CORRELATIONS if name.startswith(start)), LOCAL)


def pooling_of(places: Sequence[Sequence[str]]) -> PartialPooling:
    """Partial pooling of places whose scores have these names."""
    names = sorted({n for each in places for n in each})
    index = {n: i for i, n in enumerate(names)}
    columns = [np.array([index[n] for n in each]) for each in places]
    return PartialPooling(columns, np.array([correlation_between_places(n) for n in names]))
