"""What was asked of a study, as its manifest keeps it and `rerun` asks it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sim.studies.county import County, named

Inputs = Mapping[str, Any]
WORK = ("workers", "executor", "scheduler")  # parameters of public functions that say where the work runs
DRY_RUN = "dry_run"  # the one that has nothing run


def inputs(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a `plan(...)`, in JSON's own types, so that `plan(**inputs(...))` is the same question.

    Where the work runs is no part of it. A place is its name or file; what was changed in it joins `sets`. Empty for
    several places of which one was changed in Python, since no command says that.
    """
    told = {name: value for name, value in given.items() if name not in (*WORK, DRY_RUN)}
    if "place" in told:
        told["place"], told["sets"] = named(told["place"], told.get("sets") or ())
    if "places" in told:
        if any(isinstance(one, County) and one.sets for one in told["places"]):
            return {}
        told["places"] = [named(one)[0] for one in told["places"]]
    return {name: _plain(value) for name, value in told.items()}


def _plain(x: Any) -> Any:
    if isinstance(x, Mapping):
        return {str(key): _plain(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [_plain(one) for one in x]
    if isinstance(x, date):
        return x.isoformat()
    return str(x) if isinstance(x, Path) else x
