"""What was asked, read: metrics and numbers by metric, as the command line writes them or as Python does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.language import Message
from sim.scenario.errors import UserError, nearest
from sim.scenario.metrics import KNOWN_METRICS

TRUE = [m.name for m in KNOWN_METRICS.values() if m.layer == "true"]
# What a place writes down of what it found is, in some, what it closed: compared by `mediated`.
COMPARED = [m for m in KNOWN_METRICS if m != "screened"]


LARGEST = 1e15  # of a number that is asked for


def once(names: Sequence[str], option: str) -> None:
    """Raise UserError for a name that is given twice: whoever does so means two things, or the second is a slip."""
    for i, name in enumerate(names):
        if name in names[:i]:
            raise UserError(Message("{option}: {name} is named twice. Keep one.", option=option, name=name))


def metric(name: str, option: str, known: Sequence[str] = ()) -> str:
    """A metric by name, or a UserError that suggests the nearest."""
    names = known or COMPARED
    if name not in names:
        near = nearest(name, names)
        hint = Message(" Did you mean '{near}'?", near=near) if near else ""
        raise UserError(
            Message(
                "{option}: there is no metric '{name}' here.{hint} See: run_sim.py list metrics",
                option=option,
                name=name,
                hint=hint,
            )
        )
    return name


def each(asked: str | Sequence[str]) -> list[str]:
    """Policies that were named, also where only one was and stands alone."""
    return [asked] if isinstance(asked, str) else list(asked)


def metrics(asked: str | Sequence[str], option: str, known: Sequence[str] = ()) -> list[str]:
    """Metrics, or a text in which they are separated by commas."""
    listed = asked.split(",") if isinstance(asked, str) else asked
    found = [metric(name.strip(), option, known) for name in listed if name.strip()]
    if not found and listed:
        raise UserError(Message("{option} names no metric. See: run_sim.py list metrics", option=option))
    once(found, option)
    return found


def numbers(
    asked: Mapping[str, float] | Sequence[str], option: str, known: Sequence[str] = ()
) -> dict[str, float]:
    """A number by metric: a mapping, or texts such as `filings=5`."""
    if isinstance(asked, Mapping):
        return {metric(name, option, known): float(x) for name, x in asked.items()}
    out: dict[str, float] = {}
    once([text.partition("=")[0].strip() for text in asked], option)
    for text in asked:
        name, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError
            number = float(value.rstrip("%"))
            if not abs(number) <= LARGEST:
                raise ValueError
        except ValueError:
            raise UserError(
                Message(
                    "{option}: '{text}' is not METRIC=NUMBER; write for example filings=5",
                    option=option,
                    text=text,
                )
            ) from None
        out[metric(name.strip(), option, known)] = number
    return out


def ranges(
    asked: Mapping[str, tuple[float, float]] | Sequence[str], option: str, known: Sequence[str] = ()
) -> dict[str, tuple[float, float]]:
    """A range by metric: a mapping, or texts such as `filings=-40:10`; one number is a range of itself.

    Raises UserError for what is none, and for a yearly change below −99 %.
    """
    out: dict[str, tuple[float, float]] = {}
    given = (
        [f"{name}={low}:{high}" for name, (low, high) in asked.items()]
        if isinstance(asked, Mapping)
        else asked
    )
    for text in given:
        name, equals, value = text.partition("=")
        low, colon, high = value.partition(":")
        try:
            found = float(low.rstrip("%")), float((high if colon else low).rstrip("%"))
            if not (equals and -99.0 <= found[0] <= found[1] <= 1000.0):
                raise ValueError
        except ValueError:
            raise UserError(
                Message(
                    "{option}: '{text}' is not METRIC=LOW:HIGH in percent a year; write for example filings=-40:10",
                    option=option,
                    text=text,
                )
            ) from None
        out[metric(name.strip(), option, known)] = found
    return out
