"""What a selection by simulation promises, in plain words."""

from __future__ import annotations

from sim.language import joined, marked, tr
from sim.scenario import terms
from sim.statistics.selection import Allocation, Selection


def what_is_promised(found: Selection | Allocation) -> str:
    """Which policy was selected, and how sure that is."""
    return _of_a_race(found) if isinstance(found, Selection) else _of_a_budget(found)


def _of_a_race(found: Selection) -> str:
    name = terms.policy(found.name)
    others = tr(", ").join(terms.policy(found.systems[i]) for i in found.left if i != found.selected)
    if found.stopped:
        return tr(
            "NOT guaranteed: the budget of {most} replications ended after {n}, while {others} could still have "
            "been better. {name} has the best mean so far.",
            most=found.most,
            n=found.total,
            others=others,
            name=name,
        )
    promise = tr(
        "{name} was selected after {own} replications of it and {n} in all. If one system is better than every "
        "other by {delta:g} or more, this is it with a probability of at least {p:.4g}.",
        name=name,
        own=found.replications[found.selected],
        n=found.total,
        delta=found.delta,
        p=1 - found.alpha,
    )
    kind = (
        marked("This holds for normal values (here: means of batches of {n}) at any number of replications.")
        if found.variance == "first"
        else marked("This holds in the limit of a small zone and many replications (here: batches of {n}).")
    )
    tie = tr("In every replication {others} gave the same value.", others=others) if others else ""
    return joined(promise, tr(kind, n=found.batch), tie)


def _of_a_budget(found: Allocation) -> str:
    each = zip(found.systems, found.replications, strict=True)
    return tr(
        "{name} has the best mean after {n} replications ({spent}). It is the best with a probability of about "
        "{p:.3f}: an approximation, not a guarantee.",
        name=terms.policy(found.name),
        n=found.total,
        spent=tr(", ").join(f"{terms.policy(s)} {n}" for s, n in each),
        p=found.probability,
    )
