"""Types of command-line arguments: each says in its complaint what would be right."""

from __future__ import annotations

import argparse
from datetime import date

from sim.language import tr

DIGITS = 18  # of a whole number: 64 bits hold all of these
MOST_REPLICATIONS = 1 << 20  # as in an experiment: numbers of replications have no more bits


def at_least_one(text: str) -> int:
    """A whole number of at least 1."""
    if (number := _whole(text)) is None or number < 1:
        raise argparse.ArgumentTypeError(tr("'{text}' must be a whole number of at least 1", text=text))
    return number


def _whole(text: str) -> int | None:
    """A whole number of at least 0; None for anything else. One with more digits than are counted to is refused."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text.lstrip("0")) > DIGITS:
        raise argparse.ArgumentTypeError(
            tr("'{text}' is too large: a number here has at most {n} digits", text=text, n=DIGITS)
        )
    return int(text)


def replications(text: str) -> int:
    """A number of replications that can be numbered."""
    if not 1 <= at_least_one(text) <= MOST_REPLICATIONS:
        raise argparse.ArgumentTypeError(
            tr("'{text}' is more than {most:,} replications", text=text, most=MOST_REPLICATIONS)
        )
    return int(text)


def two_replications(text: str) -> int:
    """The same, of at least 2."""
    at_least_two(text)
    return replications(text)


def effort(text: str) -> float:
    """A multiple of the usual work, up to a thousand times."""
    if (number := positive(text)) > 1000:
        raise argparse.ArgumentTypeError(
            tr("'{text}' must be at most 1000 (times the usual work)", text=text)
        )
    return number


def parts(text: str) -> int | str:
    """A whole number of at least 1, or `auto`."""
    return text if text == "auto" else at_least_one(text)


def at_least_two(text: str) -> int:
    """A whole number of at least 2."""
    if (number := _whole(text)) is None or number < 2:
        raise argparse.ArgumentTypeError(tr("'{text}' must be a whole number of at least 2", text=text))
    return number


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e15:
        raise argparse.ArgumentTypeError(tr("'{text}' must be a number above 0", text=text))
    return number


def day(text: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("'{text}' is not a date; write YYYY-MM-DD", text=text)) from None


def whole(text: str) -> int:
    """A whole number of at least 0."""
    if (number := _whole(text)) is None:
        raise argparse.ArgumentTypeError(tr("'{text}' must be a whole number of at least 0", text=text))
    return number


def percentage(text: str) -> float:
    """`1%` or `0.01` as a share."""
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(
            tr("'{text}' must be a percentage between 0 and 100, such as 1%", text=text)
        )
    return share


def shares(text: str) -> float | tuple[float, float]:
    """A share of at least 0.001 and at most 1, or two of them as a range: `0.6:0.9`."""
    low, colon, high = text.partition(":")
    if not colon:
        return share(text)
    found = share(low), share(high)
    if not found[0] < found[1]:
        raise argparse.ArgumentTypeError(
            tr("'{text}' must be a share or a range of two, such as 0.6:0.9", text=text)
        )
    return found


def share(text: str) -> float:
    """A share of at least 0.001 and at most 1."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.001 <= found <= 1:
        raise argparse.ArgumentTypeError(
            tr("'{text}' must be a share of at least 0.001 and at most 1", text=text)
        )
    return found


def correlation(text: str) -> float:
    """A correlation of at least 0 and below 1."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1:
        raise argparse.ArgumentTypeError(
            tr("'{text}' must be a correlation of at least 0 and below 1", text=text)
        )
    return found


def port(text: str) -> int:
    """A port that a user may take."""
    found = whole(text)
    if not 1024 <= found <= 65535:
        raise argparse.ArgumentTypeError(tr("'{text}': ports go from 1024 to 65535", text=text))
    return found
