"""Village disputes: a discrete-event simulator of how they end, or climb, in a Chinese county.

Floors, imports go down only: vocabulary and clock; scenario; model, draws, trace; rules; engines; outcomes and export;
experiments; analysis; plots; and on top the command line and `sim.api`, whose names are those of this package:
`sim.load`, `sim.run`, `sim.compare`, `sim.calibrate`, `sim.check`,
`sim.predict`, `sim.new`, `sim.places`; labels are chosen by `sim.use_language` and `sim.labelled`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        County,
        calibrate,
        check,
        compare,
        labelled,
        load,
        new,
        places,
        posterior_of,
        predict,
        run,
        use_language,
    )

__version__ = "0.1.0"
__all__ = [
    "County",
    "calibrate",
    "check",
    "compare",
    "labelled",
    "load",
    "new",
    "places",
    "posterior_of",
    "predict",
    "run",
    "use_language",
]


def __getattr__(name: str) -> Any:
    """Names of the public interface, imported when they are first used: `--help` must answer at once."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
