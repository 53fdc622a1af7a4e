"""What studies found on the effects of mechanisms, and the priors that follow: scenarios/national/effects.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sim.scenario.quantity import Quantity
from sim.scenario.shipped import shipped_root
from sim.scenario.yaml_tree import read


@dataclass(frozen=True)
class EffectEvidence:
    """Studies (keys of sources.yaml) and what they found, or what was searched for in vain; priors by parameter."""

    found: tuple[str, ...] = ()
    finding: str = ""
    searched: str = ""
    priors: dict[str, Quantity] = field(default_factory=dict)


@lru_cache(maxsize=1)
def effects() -> dict[str, EffectEvidence]:
    """By mechanism."""
    tree: dict[str, Any] = read(shipped_root() / "national" / "effects.yaml").plain()
    return {
        name: EffectEvidence(
            tuple(entry.get("found", ())),
            entry.get("finding", ""),
            entry.get("searched", ""),
            {key: Quantity(**q) for key, q in entry.get("priors", {}).items()},
        )
        for name, entry in tree["effects"].items()
    }
