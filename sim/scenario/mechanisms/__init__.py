"""The mechanisms: one file each. `MECHANISMS` has them by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sim.scenario.mechanisms.base import Mechanism

_OURS = {"__init__", "base", "effects", "hamlet", "searching"}


def _found() -> dict[str, type[Mechanism]]:
    """All mechanisms: every class of this folder's modules that has a name, in the order of the names."""
    out: dict[str, type[Mechanism]] = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem not in _OURS:
            import_module(f"{__name__}.{file.stem}")
    for cls in Mechanism.__subclasses__():
        out[cls.name] = cls
    return dict(sorted(out.items()))


MECHANISMS: dict[str, type[Mechanism]] = _found()
