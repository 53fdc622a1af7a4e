"""Which engine runs: the user's choice, or by the amount of work. Results never depend on it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from sim.native.cache import is_compiled
from sim.traces import Trace

ENGINES = ("auto", "reference", "compiled")
# Disputes from which the compiled engine pays: where its machine code must first be made (some 10 s), and where not.
WORTH_COMPILING = 100_000
WORTH_LOADING = 10_000


def choose_engine(name: str, disputes: float) -> str:
    """The name of the engine that will run `disputes` disputes in all."""
    if name not in ENGINES:
        raise ValueError(f"there is no engine '{name}'; there are: {', '.join(ENGINES)}")
    if name != "auto":
        return name
    return "compiled" if disputes >= (WORTH_LOADING if is_compiled() else WORTH_COMPILING) else "reference"


def simulator(name: str) -> Callable[..., Trace]:
    """The `simulate` function of an engine; imported only now, for numba takes a while."""
    module: Any = import_module(f"sim.engines.{name}")
    return cast(Callable[..., Trace], module.simulate)
