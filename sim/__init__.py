"""Village disputes: a discrete-event simulator of how they end, or climb, in a Chinese county.

Floors, imports go down only: vocabulary, clock, language, native and statistics; scenario; model, draws, traces and
population; rules; engines; outcomes and export; ledger and runs; studies; show; and on top the command line and
`sim.api`, whose names are those of this package: `sim.load`, `sim.run`, `sim.compare` and others, see docs/api.md.

Figures have English labels, or those of `with sim.use_language("zh"):`. Frames are for programs, with English names in
every language; `sim.labelled(frame)` makes one to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        County,
        Study,
        audit,
        before_after,
        calibrate,
        check,
        compare,
        diff,
        explain,
        fit,
        forecast,
        inference_data,
        listing,
        load,
        nation,
        new,
        optimise,
        pilot,
        places,
        posterior_of,
        predict,
        quality,
        rerun,
        run,
        select,
        sensitivity,
        trace,
        validate,
    )
    from sim.language import use as use_language
    from sim.show.report.labels import labelled
    from sim.show.report.study import report

__version__ = "0.1.0"
__all__ = [
    "County",
    "Study",
    "audit",
    "before_after",
    "calibrate",
    "check",
    "compare",
    "diff",
    "explain",
    "fit",
    "forecast",
    "inference_data",
    "labelled",
    "listing",
    "load",
    "nation",
    "new",
    "optimise",
    "pilot",
    "places",
    "posterior_of",
    "predict",
    "quality",
    "report",
    "rerun",
    "run",
    "select",
    "sensitivity",
    "trace",
    "use_language",
    "validate",
]


_ELSEWHERE = {
    "labelled": ("sim.show.report.labels", "labelled"),
    "report": ("sim.show.report.study", "report"),
    "use_language": ("sim.language", "use"),
}


def __getattr__(name: str) -> Any:
    """Names of the public interface, imported when they are first used: `--help` must answer at once."""
    if name in __all__:
        from importlib import import_module

        module, there = _ELSEWHERE.get(name, ("sim.api", name))
        return getattr(import_module(module), there)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
