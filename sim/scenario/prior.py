"""Values drawn from the ranges of a scenario: what is not known, until a calibration narrows it.

Draw 0 are the central values. In any other draw each number falls below its value and above it with equal probability,
evenly between low and value, or value and high; on a logarithmic scale where high is at least four times a positive
low, since such ranges were set by their geometric mean. Each number has luck of its own, keyed by its path: a further
number, or another policy, changes none of the others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from sim.language import Message
from sim.scenario import checks
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.fields import expected_at, quantities
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.quantity import Quantity

# Sections that are counted or fixed by what is reported, or whose change would renumber disputes.
FIXED = ("window", "population", "villages.count", "townships.count", "targets", "mechanisms", "facts")
FIXED_PATHS = {"incidence.superset", "incidence.trend"}
LOG_FROM = 4.0

# The probability of each number within its range, by its path or `mechanism.parameter`: where on its prior it lies.
Chances = Callable[[str], float]


def quantile(q: Quantity, u: float) -> float:
    """The value of a number at probability u."""
    low, middle, high = float(q.low), float(q.value), float(q.high)
    a, b, share = (low, middle, 2.0 * u) if u < 0.5 else (middle, high, 2.0 * u - 1.0)
    if _logarithmic(q):
        return float(a * (b / a) ** share)
    return a + share * (b - a)


def luck(seed: int, draw: int, path: str) -> float:
    """A uniform in (0, 1) that belongs to a number of a draw."""
    digest = hashlib.sha256(f"{seed} {draw} {path}".encode()).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2.0**48


def varies(path: str, q: Quantity) -> bool:
    """Whether a number is drawn at all."""
    fixed = path in FIXED_PATHS or any(path == f or path.startswith(f + ".") for f in FIXED)
    return not fixed and q.low < q.high


def _logarithmic(q: Quantity) -> bool:
    return float(q.low) > 0.0 and q.high >= LOG_FROM * q.low


def quantiles(q: Quantity, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """`quantile` for an array of probabilities."""
    low, middle, high = float(q.low), float(q.value), float(q.high)
    a, b = np.where(u < 0.5, low, middle), np.where(u < 0.5, middle, high)
    share = np.where(u < 0.5, 2.0 * u, 2.0 * u - 1.0)
    out: NDArray[np.float64] = a * (b / a) ** share if _logarithmic(q) else a + share * (b - a)
    return out


def densities(q: Quantity, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The prior density of a number at each x, per unit; 0 outside its range."""
    low, middle, high = float(q.low), float(q.value), float(q.high)
    below, above = (middle - low, high - middle)
    if _logarithmic(q):
        below, above = math.log(middle / low), math.log(high / middle)
    width = np.where(x < middle, below, above)
    inside = (x >= low) & (x <= high) & (width > 0.0)
    scale = width * x if _logarithmic(q) else width
    return np.where(inside, 0.5 / np.where(inside, scale, 1.0), 0.0)


def probabilities(q: Quantity, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The prior probability that a number is below each x: the inverse of `quantiles`."""
    low, middle, high = float(q.low), float(q.value), float(q.high)
    x = np.clip(x, low, high)
    if _logarithmic(q):
        x, low, middle, high = np.log(x), math.log(low), math.log(middle), math.log(high)
    below = 0.5 * (x - low) / max(middle - low, 1e-300)
    above = 0.5 + 0.5 * (x - middle) / max(high - middle, 1e-300)
    out: NDArray[np.float64] = np.where(x < middle, below, above)
    return out


def unknowns(place: Place, measures: Sequence[Measure]) -> tuple[str, ...]:
    """The names of all numbers that are drawn: paths of the place, then `mechanism.parameter`, in a fixed order."""
    paths = ((".".join(map(str, path)), q) for path, q in quantities(place))
    names = [name for name, q in paths if varies(name, q)]
    for measure in sorted({m.mechanism: m for m in measures}.values(), key=lambda m: m.mechanism):
        for name, default in MECHANISMS[measure.mechanism].parameters().items():
            q = measure.parameters.get(name, default)
            if q.low < q.high:
                names.append(f"{measure.mechanism}.{name}")
    return tuple(names)


def drawn_place(place: Place, seed: int, draw: int) -> Place:
    """The place with all numbers drawn that are not known exactly. Raises ScenarioError if they do not fit together."""
    if draw == 0:
        return place
    return place_at(place, lambda name: luck(seed, draw, name), f"parameter draw {draw}")


def place_at(place: Place, chances: Chances, called: str = "these parameters") -> Place:
    """The place with every number at the given probability of its prior; exact ones stay.

    Raises ScenarioError, which says `called`, if they do not fit together.
    """
    values: dict[tuple[str | int, ...], float] = {}
    for path, q in quantities(place):
        name = ".".join(map(str, path))
        if varies(name, q):
            values[path] = quantile(q, chances(name))
    for parts in (
        [("kinds", kind, "share") for kind in place.kinds],
        [("detection", "party_choice", c) for c in type(place.detection.party_choice).model_fields],
    ):
        _to_one(place, values, parts)
    touched = {path[:n] for path in values for n in range(len(path) + 1)}
    out: Place = _with(place, values, touched, (), place)
    problems = checks.check_numbers(out)
    if problems:
        where = f"{place.name}, {called}"
        raise ScenarioError(
            [
                Fault(where, 0, ".".join(map(str, p.path)), p.problem, Message("Narrow its range."))
                for p in problems
            ]
        )
    return out


def drawn_measures(measures: Sequence[Measure], seed: int, draw: int) -> tuple[Measure, ...]:
    """The measures with the parameters of their mechanisms drawn: the same values wherever a mechanism is in force."""
    if draw == 0:
        return tuple(measures)
    return measures_at(measures, lambda name: luck(seed, draw, name))


def measures_at(measures: Sequence[Measure], chances: Chances) -> tuple[Measure, ...]:
    """The measures with every parameter of their mechanisms at the given probability of its prior."""
    out = []
    for measure in measures:
        mechanism = MECHANISMS[measure.mechanism]
        values = {}
        for name, default in mechanism.parameters().items():
            q = measure.parameters.get(name, default)
            if q.low < q.high:
                x = quantile(q, chances(f"{measure.mechanism}.{name}"))
                q = q.model_copy(update={"value": x})
            values[name] = q
        out.append(measure.model_copy(update={"parameters": values}))
    return tuple(out)


def _to_one(place: Place, values: dict[tuple[str | int, ...], float], parts: list[Any]) -> None:
    """Shares that must add up to one are drawn apart and then scaled."""
    now = {path: values.get(path, float(_at(place, path).value)) for path in parts}
    total = sum(now.values())
    for path, x in now.items():
        values[path] = x / total


def _at(node: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        node = getattr(node, str(key)) if isinstance(node, BaseModel) else node[key]
    return node


def _with(
    node: Any,
    values: dict[tuple[str | int, ...], float],
    touched: set[tuple[str | int, ...]],
    path: tuple[str | int, ...],
    root: Place,
) -> Any:
    """The tree with the drawn values in it; `touched` are all paths on the way to one."""
    if path not in touched:
        return node
    if isinstance(node, Quantity):
        expected = expected_at(type(root), path)
        whole = expected is not None and expected.expects is not None and expected.expects.integer
        x: float | int = round(values[path]) if whole else values[path]
        return node.model_copy(update={"value": x, "low": min(node.low, x), "high": max(node.high, x)})
    if isinstance(node, BaseModel):
        changed = {
            name: _with(getattr(node, name), values, touched, (*path, name), root)
            for name in type(node).model_fields
        }
        return node.model_copy(update=changed)
    if isinstance(node, dict):
        return {key: _with(child, values, touched, (*path, key), root) for key, child in node.items()}
    return node
