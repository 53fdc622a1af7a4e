"""What a selection by simulation promises, in plain words."""

from __future__ import annotations

from sim.language import Joined, Message, Text
from sim.scenario.terms import policies
from sim.statistics.selection import Allocation, Selection

FIRST, FIRST_BATCHES = 10, 20  # replications, batches: what `ocba` and `kn` begin with


def what_is_promised(found: Selection | Allocation) -> Text:
    """Which policy was selected, and how sure that is."""
    return _of_a_race(found) if isinstance(found, Selection) else _of_a_budget(found)


def _of_a_race(found: Selection) -> Text:
    (name,) = policies([found.name])
    others = policies(found.systems[i] for i in found.left if i != found.selected)
    if found.stopped:
        return Message(
            "NOT guaranteed: the budget of {most} replications ended after {n}, while {others} could still have "
            "been better. {name} has the best mean so far.",
            most=found.most,
            n=found.total,
            others=others,
            name=name,
        )
    promise = Message(
        "{name} was selected after {own} replications of it and {n} in all. If one system is better than every "
        "other by {delta:g} or more, this is it with a probability of at least {p:.4g}.",
        name=name,
        own=found.replications[found.selected],
        n=found.total,
        delta=found.delta,
        p=1 - found.alpha,
    )
    kind = (
        Message(
            "This holds for normal values (here: means of batches of {n}) at any number of replications.",
            n=found.batch,
        )
        if found.variance == "first"
        else Message(
            "This holds in the limit of a small zone and many replications (here: batches of {n}).",
            n=found.batch,
        )
    )
    tie = Message("In every replication {others} gave the same value.", others=others) if others else ""
    return Joined(promise, kind, tie)


def _of_a_budget(found: Allocation) -> Text:
    each = zip(policies(found.systems), found.replications, strict=True)
    spent = [Message("{policy} {n}", policy=policy, n=n) for policy, n in each]
    return Message(
        "{name} has the best mean after {n} replications ({spent}). It is the best with a probability of about "
        "{p:.3f}: an approximation, not a guarantee.",
        name=policies([found.name])[0],
        n=found.total,
        spent=spent,
        p=found.probability,
    )


def refusal(
    systems: int, *, budget: int | None = None, most: int | None = None, batch: int = 1, alpha: float = 0.05
) -> Message | None:
    """Why a selection among so many policies cannot begin, with the first replications that procedures take; or None.

    `budget` is what `ocba` may spend; without it `kn` runs with batches of `batch`, an error `alpha`, and at most
    `most` replications.
    """
    if budget is not None:
        least = systems * FIRST
        about = {"first": FIRST, "k": systems, "n": least, "budget": budget}
        if budget >= least:
            return None
        return Message("{first} first replications of {k} systems take {n}, more than the {budget}", **about)
    blind = 1 / systems
    if not 0 < alpha < 1 - blind:
        return Message(
            "alpha must lie between 0 and {most:.4g}, since a blind choice among {k} is right with a probability of "
            "{p:.4g}; got {alpha}",
            most=1 - blind,
            k=systems,
            p=blind,
            alpha=alpha,
        )
    least = systems * FIRST_BATCHES * batch
    if most is None or most >= least:
        return None
    return Message(
        "the first {first} batches of {batch} of {k} systems take {n} replications, more than the budget of {budget}",
        first=FIRST_BATCHES,
        batch=batch,
        k=systems,
        n=least,
        budget=most,
    )
