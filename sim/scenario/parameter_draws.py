"""Parameter draws that a job carries: where on its prior each number of a scenario lies, draw by draw."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr

from sim.scenario.copies import copied
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import luck, measures_at, place_at

RECORDING = "recording."
SCALE = 24.0  # scores are kept in 24ths of a prior standard deviation
Drawn = tuple[Place, tuple[Measure, ...]]
# Points of selectivity, and by part and point what to add to the log weight of each draw; None where it is impossible.
Selectivity = tuple[tuple[float, ...], tuple[tuple[tuple[float | None, ...], ...], ...]]


@dataclass(frozen=True)
class ParameterDraws:
    """Draws that travel with a job, numbered from 1.

    Of two readings, odd draws are proportional and even ones target-driven. `selectivity` says how probable each is if
    the record is selective in between; it does not travel.
    """

    parts: tuple[tuple[str, tuple[str, ...], bytes], ...]
    selectivity: Selectivity | None = field(default=None, compare=False, repr=False)

    @property
    def count(self) -> int:
        """How many draws there are."""
        return min(len(scores) // len(names) for _, names, scores in self.parts) * len(self.parts)

    @cached_property
    def key(self) -> str:
        """Names the draws by their content."""
        return hashlib.sha256(repr(self.parts).encode()).hexdigest()[:16]

    def reading(self, draw: int) -> str:
        """The reading that a draw belongs to."""
        return self.parts[(draw - 1) % len(self.parts)][0]

    def chances(self, draw: int) -> dict[str, float]:
        """By name: where on its prior each number lies.

        How the record is made under the other reading is taken from that reading's draw of the same row.
        """
        own = self.parts[(draw - 1) % len(self.parts)]
        out: dict[str, float] = {}
        for part in (*(p for p in self.parts if p is not own), own):
            _, names, scores = part
            row = (draw - 1) // len(self.parts)
            raw = np.frombuffer(scores, dtype=np.int8)[row * len(names) : (row + 1) * len(names)]
            if len(raw) < len(names):
                raise IndexError(f"there are {self.count} parameter draws, not {draw}")
            every = zip(names, ndtr(raw.astype(float) / SCALE).tolist(), strict=True)
            out |= {n: u for n, u in every if part is own or n.startswith(RECORDING)}
        return out

    def chance(self, seed: int, draw: int, name: str) -> float:
        """A number's probability in a draw; what no figure speaks of, such as a new mechanism, has luck of its own."""
        known = self._known(draw)
        return known[name] if name in known else luck(seed, draw, name)

    def _known(self, draw: int) -> dict[str, float]:
        cache: dict[int, dict[str, float]] = self.__dict__.setdefault("_cache", {})
        if draw not in cache:
            cache.clear()
            cache[draw] = self.chances(draw)
        return cache[draw]

    def without(self, names: set[str]) -> ParameterDraws:
        """The same, but of these numbers nothing is known."""
        parts = []
        for reading, every, scores in self.parts:
            kept = [i for i, name in enumerate(every) if name not in names]
            table = np.frombuffer(scores, dtype=np.int8).reshape(-1, len(every))[:, kept]
            parts.append((reading, tuple(every[i] for i in kept), table.tobytes()))
        return ParameterDraws(tuple(parts))

    def model(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """Place and measures of a draw, recorded as its reading has it.

        Raises ScenarioError where the numbers do not fit together.
        """

        def chance(name: str) -> float:
            return self.chance(seed, draw, name)

        drawn = place_at(place, chance, f"parameter draw {draw}")
        recording = copied(drawn.recording, {"reading": self.reading(draw)})
        return copied(drawn, {"recording": recording}), measures_at(measures, chance)

    def packed(self) -> list[dict[str, Any]]:
        """For a JSON file; `unpacked` reads it."""
        return [
            {"reading": r, "names": list(names), "scores": base64.b85encode(scores).decode("ascii")}
            for r, names, scores in self.parts
        ]

    def __getstate__(self) -> dict[str, Any]:
        return {"parts": self.parts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "parts", state["parts"])
        object.__setattr__(self, "selectivity", None)


def unpacked(parts: Sequence[dict[str, Any]]) -> ParameterDraws:
    """What `ParameterDraws.packed` gave. Raises KeyError, TypeError or ValueError where it is something else."""
    return ParameterDraws(
        tuple((str(p["reading"]), tuple(p["names"]), base64.b85decode(p["scores"])) for p in parts)
    )
