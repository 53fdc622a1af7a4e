"""The trials that are looked at: designs by villages, months and steps, by lot, and as it is often done instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from sim.language import Message
from sim.scenario.errors import UserError
from sim.statistics.trial_designs import Chosen, Design, Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
MONTHS, STEPS = "6,12,24", "3,5"
LEAST = 4  # clusters of a trial
MOST_MONTHS, MOST_STEPS = 60, 24
SMALL_PLACE = 16  # villages up to which every even number is looked at


@dataclass(frozen=True)
class Trial:
    """A design, and how many villages take part: as many as it has clusters, or those of its townships."""

    design: Design
    villages: int


def sizes(villages: int) -> tuple[int, ...]:
    """Even numbers of villages to look at, all of them last."""
    most = villages - villages % 2
    if villages <= SMALL_PLACE:
        return tuple(range(LEAST, most + 1, 2))
    return tuple(sorted({max(LEAST, n - n % 2) for n in (most, most // 2, most // 4, most // 8)}))


def grid(
    kinds: Sequence[Kind],
    villages: Sequence[int],
    months: Sequence[int],
    steps: Sequence[int],
    townships: int,
    all_villages: int,
) -> list[Trial]:
    """Every design that can be. Those that choose villages for disorder are looked at with most villages only."""
    found = []
    for kind in kinds:
        sized = _clusters(kind, villages, townships, all_villages)
        for chosen in get_args(Chosen):
            for clusters, taking in sized if chosen == "lot" else sized[-1:]:
                for length in months:
                    for number in steps if kind == "wedge" else (1,):
                        design = Design(kind, clusters, length, number, chosen)
                        if not design.problem():
                            found.append(Trial(design, taking))
    return found


def _clusters(
    kind: Kind, villages: Sequence[int], townships: int, all_villages: int
) -> list[tuple[int, int]]:
    """Numbers of clusters with the villages that these take, from few to many."""
    if kind != "townships":
        return [(n, n) for n in sorted(set(villages))]
    each = all_villages / townships
    numbers = sorted({min(townships, round(n / each)) for n in villages} - {0})
    return [(n, round(n * each)) for n in numbers if n >= LEAST]


def whole(asked: str | Sequence[int], option: str, least: int, most: int) -> tuple[int, ...]:
    """Whole numbers, or a text in which they are separated by commas. UserError for others."""
    listed = asked.split(",") if isinstance(asked, str) else [str(x) for x in asked]
    out = []
    for text in (one.strip() for one in listed):
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or not least <= int(text) <= most:
            raise UserError(
                Message(
                    "{option}: '{text}' must be a whole number from {least} to {most}; several are separated by "
                    "commas",
                    option=option,
                    text=text,
                    least=least,
                    most=most,
                )
            )
        out.append(int(text))
    return tuple(sorted(set(out)))


def kinds_of(asked: str | Sequence[str]) -> tuple[Kind, ...]:
    """Designs by name. UserError for one that is not known."""
    listed = [one.strip() for one in (asked.split(",") if isinstance(asked, str) else asked)]
    for name in listed:
        if name not in KINDS:
            said = Message(
                "--designs: there is no design '{name}'; there are {list}", name=name, list=list(KINDS)
            )
            raise UserError(said)
    return tuple(kind for kind in KINDS if kind in listed)
