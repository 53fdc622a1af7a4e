"""A break-even effect in words."""

from __future__ import annotations

import math

from sim.language import Message
from sim.scenario.terms import Term
from sim.statistics.break_even import BreakEven

NO_EFFECT = Message(
    "no assumed effect: it changes rules, people or hours only, as they are written, so that nothing can be varied"
)


def break_even_words(found: BreakEven, rival: str) -> Message:
    """One line about the order against a rival."""
    other = Term("policy", rival)
    if not found.crossings:
        return Message(
            "none: against {rival} the order stays even if the effect is {low:g} to {high:g} times what is assumed",
            rival=other,
            low=found.grid[0],
            high=found.grid[-1],
        )
    about = {"rival": other, "x": found.nearest, "beyond": found.beyond}
    if math.isnan(found.low):
        return Message(
            "against {rival} the order turns at {x:.2g} times the assumed effect; prior probability beyond it "
            "{beyond:.0%}",
            **about,
        )
    return Message(
        "against {rival} the order turns at {x:.2g} times the assumed effect (95 %: {low:.2g} to {high:.2g}); "
        "prior probability beyond it {beyond:.0%}",
        **about,
        low=found.low,
        high=found.high,
    )
