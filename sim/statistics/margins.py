"""What is shown of an effect: verdicts from probabilities, so that more draws make them surer and not more frequent.

An interval for the mean over draws excludes zero once there are enough draws, whatever the chances of the next county.
A verdict is therefore read off the probability that the effect itself has a sign, or is smaller than a margin.
"""

from __future__ import annotations

import math
from enum import Enum

SURE = 0.95
PROBABLE = 0.8


class Finding(Enum):
    """What is believed of a difference."""

    HIGHER = "higher"
    LOWER = "lower"
    PROBABLY_HIGHER = "probably higher"
    PROBABLY_LOWER = "probably lower"
    EQUIVALENT = "equivalent"
    UNRESOLVED = "unresolved"
    NOTHING = "nothing"


def finding(below: float, above: float, inside: float = math.nan) -> Finding:
    """From P(effect < 0), P(effect > 0) and P(|effect| < margin), which is NaN where no margin was stated.

    Inside the margin it is equivalence, even where the sign is sure. An effect that has no sign in any draw is none.
    """
    if below == 0.0 and above == 0.0:
        return Finding.NOTHING
    if inside >= SURE:
        return Finding.EQUIVALENT
    for chance, sure, probable in (
        (below, Finding.LOWER, Finding.PROBABLY_LOWER),
        (above, Finding.HIGHER, Finding.PROBABLY_HIGHER),
    ):
        if chance >= SURE:
            return sure
        if chance >= PROBABLE:
            return probable
    return Finding.UNRESOLVED
