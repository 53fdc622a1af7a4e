"""A break-even effect in words."""

from __future__ import annotations

import math

from sim.language import marked
from sim.statistics.breakeven import BreakEven


def break_even_words(found: BreakEven, rival: str) -> str:
    """One line about the order against a rival, in English: a table holds it."""
    if not found.crossings:
        said = marked(
            "none in range: against {rival} the order is the same from {low:g} to {high:g} times the assumed effect"
        )
        return said.format(rival=rival, low=found.grid[0], high=found.grid[-1])
    values = {"rival": rival, "x": found.nearest, "beyond": found.beyond}
    if math.isnan(found.low):
        return marked(
            "against {rival} the order turns at {x:.2g} times the assumed effect; prior probability beyond it "
            "{beyond:.0%}"
        ).format(**values)
    return marked(
        "against {rival} the order turns at {x:.2g} times the assumed effect (95 %: {low:.2g} to {high:.2g}); "
        "prior probability beyond it {beyond:.0%}"
    ).format(**values, low=found.low, high=found.high)
