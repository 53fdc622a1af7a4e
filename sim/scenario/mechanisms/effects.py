"""What a mechanism may do to a place: the vocabulary of its edits. Each is data; nothing here runs during a simulation.

A dose of 0 leaves everything as it is, to the bit; a dose of 1 is the edit as written. `effect` marks what nobody
knows (how much it helps), so that an analyst can ask how strong it must be; rules, hours and money are not effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Per = Literal["village", "township", "county"]


@dataclass(frozen=True)
class Multiply:
    """Multiply the number at a path: by `factor ** dose`."""

    path: str
    factor: float
    effect: bool = True


@dataclass(frozen=True)
class Add:
    """Add to the number at a path: `amount * dose`. Probabilities and shares move on the scale of log-odds."""

    path: str
    amount: float
    effect: bool = True


@dataclass(frozen=True)
class Hasten:
    """Divide the duration at a path by the dose: twice the dose takes half as long, and none takes for ever.

    Only for durations that the mechanism itself brings, since at dose 0 it leaves nothing as it was.
    """

    path: str
    effect: bool = True


@dataclass(frozen=True)
class Put:
    """Set the value at a path: a number moves there by the dose (at most all the way), a word as soon as dose > 0."""

    path: str
    value: float | int | str | bool
    effect: bool = False


@dataclass(frozen=True)
class Ensure:
    """Give a place what it lacks: a section, such as a tier, where there is null. What is there stays."""

    path: str
    section: Any  # a validated section of the schema, or a Quantity
    effect: bool = False


@dataclass(frozen=True)
class Search:
    """A further periodic search for disputes, under a name of its own; its hazard of finding is scaled by the dose."""

    name: str
    round: Any  # place.Round
    effect: bool = True


@dataclass(frozen=True)
class Hours:
    """Hours per year that the mechanism takes from a staff group, for each covered village, township or county.

    They are taken from the hours that the staff have for disputes: a judge on the road is not on the bench. Hours of
    officers who are `sent` for it come from other duties: they cost, but nobody mediates less.
    """

    staff: str
    per_year: float
    per: Per
    what: str
    sent: bool = False


@dataclass(frozen=True)
class Persons:
    """More (or fewer) staff, for each covered village, township or county."""

    staff: str
    number: float
    per: Per
    what: str


@dataclass(frozen=True)
class Yuan:
    """Money per year, for each covered village, township or county."""

    per_year: float
    per: Per
    what: str


Edit = Multiply | Add | Hasten | Put | Ensure | Search
Edits = tuple[Edit, ...]
Use = Hours | Persons | Yuan
