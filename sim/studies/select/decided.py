"""The decision of a selection in words, by the rules of docs/decision_rules.md."""

from __future__ import annotations

from sim.language import Message, Text, marked
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.statistics.margins import PROBABLE
from sim.statistics.selection import Allocation, Selection
from sim.studies.decision import figure

BEHIND = marked("Costs are not in this: compare says what it would cost, and on which assumption it hangs.")


def decided(found: Selection | Allocation, objective: str, *, drawn: bool) -> list[Text]:
    """What to do; the first system is the baseline. `drawn`: parameters vary over draws of a posterior."""
    base, first = found.systems[0], Term("policy", found.name)
    said: dict[str, object] = {
        "policy": first,
        "baseline": Term("policy", base),
        "metric": Term("words", objective),
        "unit": Term("unit", KNOWN_METRICS[objective].unit, objective),
        "x": figure(found.means[found.selected]),
        "y": figure(found.means[0]),
    }
    if not _sure(found):
        return [
            Message(
                "Wait: it was not decided which policy is best by {metric}; {policy} has the best mean so far.",
                **said,
            )
        ]
    if found.name == base:
        return [Message("Keep {baseline}: by {metric} no policy asked about was found to be better.", **said)]
    reason = Message(
        "By {metric} {policy} is selected: {x} {unit} on average, against {y} under {baseline}.", **said
    )
    if not drawn:
        after = marked(
            "Wait before adopting it: parameters stand at their central values, so that only Monte "
            "Carlo error is accounted for."
        )
        return [reason, Message(after), Message(BEHIND)]
    return [reason, Message("Look at {policy} next before any other.", **said), Message(BEHIND)]


def _sure(found: Selection | Allocation) -> bool:
    """Whether a race came to its end, or the best is so with 80 %."""
    return not found.stopped if isinstance(found, Selection) else found.probability >= PROBABLE
