"""What is wrong with a measure, in a place or a policy: its mechanism, parameters, dates."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.scenario.errors import listed, nearest, shown
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import MechanismInForce
from sim.scenario.policy import Measure


def measure_problems(
    measure: Measure | MechanismInForce, sources: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What is wrong with a measure: its mechanism, parameters, dates. Paths are relative to it."""
    key = "name" if isinstance(measure, MechanismInForce) else "mechanism"
    name = measure.name if isinstance(measure, MechanismInForce) else measure.mechanism
    if name not in MECHANISMS:
        near = nearest(name, MECHANISMS)
        remedy = f"Did you mean {near}?" if near else "`list mechanisms` shows all; write others as facts."
        yield (key,), f"there is no mechanism {shown(name)}", remedy
        return
    mechanism = MECHANISMS[name]
    known = mechanism.parameters()
    for parameter, value in measure.parameters.items():
        where = ("parameters", parameter)
        if parameter not in known:
            near = nearest(parameter, known)
            remedy = f"Did you mean {near}?" if near else f"Its parameters are {listed(known) or 'none'}."
            yield where, f"{name} has no parameter {shown(parameter)}", remedy
            continue
        if value.unit != known[parameter].unit:
            yield (
                (*where, "unit"),
                f"unit is '{value.unit}', expected '{known[parameter].unit}'",
                (f"Write: unit: {known[parameter].unit} (and convert the numbers)."),
            )
        low, high = mechanism.limits(parameter)
        if not low <= float(value.value) <= high:
            yield (
                (*where, "value"),
                f"value {float(value.value):g} is out of bounds",
                (f"Write a number from {low:g} to {high:g}."),
            )
        if isinstance(measure, Measure) and sources and value.source not in sources:
            near = nearest(value.source, sources)
            remedy = f"Did you mean {near}?" if near else "Add it below sources: {title: …, date: …}."
            yield (*where, "source"), f"the source {shown(value.source)} is not a key of sources", remedy
    if isinstance(measure, Measure) and measure.start and measure.stop and measure.start >= measure.stop:
        yield ("stop",), f"stop {measure.stop} is not after start {measure.start}", "Swap them, or drop one."
