"""What is wrong with a measure, in a place or a policy: its mechanism, parameters, dates."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.language import Message, Text
from sim.scenario.errors import listed, nearest, shown
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import MechanismInForce
from sim.scenario.policy import Measure


def measure_problems(
    measure: Measure | MechanismInForce, sources: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], Text, Text]]:
    """What is wrong with a measure: its mechanism, parameters, dates. Paths are relative to it."""
    key = "name" if isinstance(measure, MechanismInForce) else "mechanism"
    name = measure.name if isinstance(measure, MechanismInForce) else measure.mechanism
    if name not in MECHANISMS:
        near = nearest(name, MECHANISMS)
        remedy = (
            Message("Did you mean {near}?", near=near)
            if near
            else Message("`list mechanisms` shows all; write others as facts.")
        )
        yield (key,), Message("there is no mechanism {name}", name=shown(name)), remedy
        return
    mechanism = MECHANISMS[name]
    known = mechanism.parameters()
    for parameter, value in measure.parameters.items():
        where = ("parameters", parameter)
        if parameter not in known:
            near = nearest(parameter, known)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Its parameters are {known}.", known=listed(known) or Message("none"))
            )
            yield (
                where,
                Message("{name} has no parameter {parameter}", name=name, parameter=shown(parameter)),
                remedy,
            )
            continue
        if value.unit != known[parameter].unit:
            yield (
                (*where, "unit"),
                Message(
                    "unit is '{unit}', expected '{expected}'", unit=value.unit, expected=known[parameter].unit
                ),
                (Message("Write: unit: {unit} (and convert the numbers).", unit=known[parameter].unit)),
            )
        low, high = mechanism.limits(parameter)
        if not low <= float(value.value) <= high:
            yield (
                (*where, "value"),
                Message("value {value:g} is out of bounds", value=float(value.value)),
                (Message("Write a number from {low:g} to {high:g}.", low=low, high=high)),
            )
        if isinstance(measure, Measure) and sources and value.source not in sources:
            near = nearest(value.source, sources)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Add it below sources: {title: …, date: …}.")
            )
            yield (
                (*where, "source"),
                Message("the source {source} is not a key of sources", source=shown(value.source)),
                remedy,
            )
    if measure.start and measure.stop and measure.start >= measure.stop:
        yield (
            ("stop",),
            Message("stop {stop} is not after start {start}", stop=measure.stop, start=measure.start),
            Message("Swap them, or drop one."),
        )
