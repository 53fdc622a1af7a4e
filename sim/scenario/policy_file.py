"""A policy expression for a place as a policy file: everything that is in force, spelled out."""

from __future__ import annotations

import re
from typing import Any

import yaml

from sim.language import Message
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.scenario.policies import parse


def policy_text(expression: str, place: Place, name: str = "") -> str:
    """YAML that `load_policy` reads, with the measures of the expression for this place. Raises ScenarioError.

    Numbers keep value, range, unit, status and note. Those with a source of the place are copied with that source.
    """
    measures = parse(expression, place)
    if not measures:
        raise UserError(
            Message(
                "under {expression} nothing is in force: a policy file needs a measure", expression=expression
            )
        )
    known = place.sources
    used = {q.source for m in measures for q in m.parameters.values()} & set(known)
    label = name or re.sub(r"[^a-z0-9_]+", "_", f"{place.name} {expression}".lower()).strip("_")
    content: dict[str, Any] = {
        "schema_version": 1,
        "name": label,
        "title": {"en": f"{place.title.en}: {expression}", "zh": f"{place.title.zh}：{expression}"},
        "about": f"Everything that is in force in {place.name} under {expression}.",
    }
    if used:
        content["sources"] = {
            s: known[s].model_dump(mode="json", exclude_defaults=True) for s in sorted(used)
        }
    content["measures"] = [m.model_dump(mode="json", exclude_defaults=True) for m in measures]
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
