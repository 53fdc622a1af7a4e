"""The hamlet tier as the national files describe it: what a grid brings to a place that has none."""

from __future__ import annotations

import json
from functools import lru_cache

from sim.scenario.include import read_with_includes
from sim.scenario.place import TierSpec
from sim.scenario.shipped import shipped_root


@lru_cache(maxsize=1)
def hamlet() -> TierSpec:
    """The tier of grid workers and street heads."""
    tree = read_with_includes(shipped_root() / "national" / "tiers.yaml").plain()
    return TierSpec.model_validate_json(json.dumps(tree["tiers"]["hamlet"]), strict=True)
