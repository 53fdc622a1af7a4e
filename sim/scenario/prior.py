"""Values drawn from the ranges of a scenario: what is not known, until a calibration narrows it.

Draw 0 are the central values. In any other draw each number falls below its value and above it with equal probability,
evenly between low and value, or value and high; on a logarithmic scale where high is at least four times a positive
low, since such ranges were set by their geometric mean. Each number has luck of its own, keyed by its path: a further
number, or another policy, changes none of the others. Numbers of one name across tiers and kinds have luck in common
(`alike.across`), so that they hang together; each has its own prior all the same (a Gaussian copula).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.language import Message
from sim.scenario import checks
from sim.scenario.copies import copied, grafted, shape, valued
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.fields import PathKeys, expected_at, quantities
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.quantity import Quantity

# Sections that are counted or fixed by what is reported, or whose change would renumber disputes.
FIXED = (
    "window",
    "population",
    "villages.count",
    "townships.count",
    "targets",
    "mechanisms",
    "facts",
    "alike",
)
FIXED_PATHS = {"incidence.superset", "incidence.trend", "recording.target_driven.selectivity"}
LOG_FROM = 4.0

# The probability of each number within its range, by its path or `mechanism.parameter`: where on its prior it lies.
Chances = Callable[[str], float]


class _Range:
    """The range of one number, prepared for many probabilities."""

    __slots__ = ("above", "below", "logarithmic", "low", "middle")

    def __init__(self, q: Quantity) -> None:
        self.low, self.middle, high = float(q.low), float(q.value), float(q.high)
        self.logarithmic = _logarithmic(q)
        if self.logarithmic:
            self.below, self.above = self.middle / self.low, high / self.middle
        else:
            self.below, self.above = self.middle - self.low, high - self.middle

    def at(self, u: float) -> float:
        """The value at probability u."""
        if u < 0.5:
            a, step, share = self.low, self.below, 2.0 * u
        else:
            a, step, share = self.middle, self.above, 2.0 * u - 1.0
        return float(a * step**share) if self.logarithmic else a + share * step


def quantile(q: Quantity, u: float) -> float:
    """The value of a number at probability u."""
    return _Range(q).at(u)


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


def shared_name(name: str) -> str:
    """What numbers of one name have in common across tiers and kinds; empty where a number stands alone.

    `tiers.village.success`, `tiers.county.success` and `kinds.land.success` have `shared.success`.
    """
    section, _, rest = name.partition(".")
    _, _, field = rest.partition(".")
    return f"shared.{field}" if section in ("tiers", "kinds") and field and field != "share" else ""


def across(place: Place) -> float:
    """The correlation of numbers of one name across tiers and kinds, on the normal scores of their priors."""
    return float(place.alike.across.value) if place.alike is not None else 0.0


def shared_names(place: Place, names: Sequence[str]) -> tuple[str, ...]:
    """What the numbers of these names have in common; nothing where they are drawn apart."""
    if across(place) <= 0.0:
        return ()
    return tuple(dict.fromkeys(s for s in map(shared_name, names) if s))


def together(rho: float, own: NDArray[np.float64], common: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances of numbers from luck of their own and of their name: uniform, correlated rho on the normal scores."""
    ends = 1e-15
    a, b = (ndtri(np.clip(u, ends, 1.0 - ends)) for u in (common, own))
    out: NDArray[np.float64] = ndtr(math.sqrt(rho) * a + math.sqrt(1.0 - rho) * b)
    return out


def correlated(place: Place, chances: Chances) -> Chances:
    """The chance of each number as `DrawnPlace.at` takes it, for one number at a time."""
    rho = across(place)

    def chance(name: str) -> float:
        shared = shared_name(name) if rho > 0.0 else ""
        if not shared:
            return chances(name)
        return float(together(rho, np.array([chances(name)]), np.array([chances(shared)]))[0])

    return chance


class DrawnPlace:
    """A place at many points of its parameter space: which numbers vary, and where they stand, is found once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        found = dict(quantities(place))
        named = [(".".join(map(str, path)), path) for path in found]
        varying = [(name, path) for name, path in named if varies(name, found[path])]
        # Shares that must add up to one are drawn apart and then scaled, also those that are known exactly.
        to_one: list[list[PathKeys]] = [
            [("kinds", kind, "share") for kind in place.kinds],
            [("detection", "party_choice", c) for c in type(place.detection.party_choice).model_fields],
        ]
        paths = list(
            dict.fromkeys([path for _, path in varying] + [path for parts in to_one for path in parts])
        )
        number = {path: n for n, path in enumerate(paths)}
        self._leaves = [found[path] for path in paths]
        self._central = [float(q.value) for q in self._leaves]
        self._ranges = [(number[path], name, _Range(found[path])) for name, path in varying]
        self._across = across(place)
        shared = [shared_name(name) for name, _ in varying]
        self._shared = shared_names(place, [name for name, _ in varying])
        of = {name: k for k, name in enumerate(self._shared)}
        alike = [(i, of[name]) for i, name in enumerate(shared) if name in of]
        self._alike, self._common = np.array(alike, dtype=np.int64).reshape(-1, 2).T
        self._to_one = [[number[path] for path in parts] for parts in to_one]
        self._whole = [number[path] for path in paths if _is_whole(path)]
        self._shape = shape(paths)

    def at(self, chances: Chances, called: str = "these parameters") -> Place:
        """The place with every number at the given probability of its prior; exact ones stay.

        Raises ScenarioError, which says `called`, if they do not fit together.
        """
        values: list[float | int] = [*self._central]
        drawn = np.array([chances(name) for _, name, _ in self._ranges])
        if len(self._alike):
            common = np.array([chances(name) for name in self._shared])[self._common]
            drawn[self._alike] = together(self._across, drawn[self._alike], common)
        for (n, _, known), u in zip(self._ranges, drawn.tolist(), strict=True):
            values[n] = known.at(u)
        for parts in self._to_one:
            total = sum(values[n] for n in parts)
            for n in parts:
                values[n] /= total
        for n in self._whole:
            values[n] = round(values[n])
        leaves = [valued(q, x) for q, x in zip(self._leaves, values, strict=True)]
        out: Place = grafted(self.place, self._shape, leaves)
        problems = checks.check_numbers(out)
        if problems:
            where = f"{self.place.name}, {called}"
            raise ScenarioError(
                [
                    Fault(where, 0, ".".join(map(str, p.path)), p.problem, Message("Narrow its range."))
                    for p in problems
                ]
            )
        return out


def _is_whole(path: PathKeys) -> bool:
    expected = expected_at(Place, path)
    return expected is not None and expected.expects is not None and expected.expects.integer


class DrawnMeasures:
    """Measures at many points of the parameter space of their mechanisms."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = tuple(measures)
        self._parameters: list[dict[str, Quantity]] = []
        self._ranges: list[list[tuple[str, str, Quantity, _Range]]] = []
        for measure in self.measures:
            defaults = MECHANISMS[measure.mechanism].parameters()
            every = {name: measure.parameters.get(name, q) for name, q in defaults.items()}
            self._parameters.append(every)
            self._ranges.append(
                [(n, f"{measure.mechanism}.{n}", q, _Range(q)) for n, q in every.items() if q.low < q.high]
            )

    def at(self, chances: Chances) -> tuple[Measure, ...]:
        """The measures with every parameter of their mechanisms at the given probability of its prior."""
        out = []
        for measure, every, ranges in zip(self.measures, self._parameters, self._ranges, strict=True):
            drawn = {n: valued(q, known.at(chances(name))) for n, name, q, known in ranges}
            out.append(copied(measure, {"parameters": {**every, **drawn}}))
        return tuple(out)


class _This:
    """A key of a cache that stands for this very object, not for all that are equal: places are slow to compare."""

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and self.it is other.it


@lru_cache(maxsize=16)
def _drawn(place: _This) -> DrawnPlace:
    return DrawnPlace(place.it)


@lru_cache(maxsize=16)
def _drawn_measures(*measures: _This) -> DrawnMeasures:
    return DrawnMeasures([m.it for m in measures])


def drawn_place(place: Place, seed: int, draw: int) -> Place:
    """The place with all numbers drawn that are not known exactly. Raises ScenarioError if they do not fit together."""
    if draw == 0:
        return place
    return place_at(place, lambda name: luck(seed, draw, name), f"parameter draw {draw}")


def place_at(place: Place, chances: Chances, called: str = "these parameters") -> Place:
    """`DrawnPlace.at` for a place that need not be prepared: the last few are kept."""
    return _drawn(_This(place)).at(chances, called)


def drawn_measures(measures: Sequence[Measure], seed: int, draw: int) -> tuple[Measure, ...]:
    """The measures with the parameters of their mechanisms drawn: the same values wherever a mechanism is in force."""
    if draw == 0:
        return tuple(measures)
    return measures_at(measures, lambda name: luck(seed, draw, name))


def measures_at(measures: Sequence[Measure], chances: Chances) -> tuple[Measure, ...]:
    """`DrawnMeasures.at` for measures that need not be prepared: the last few are kept."""
    return _drawn_measures(*map(_This, measures)).at(chances)
