"""Numba, with its cache in our folder. No other module imports it, so that none of our code is cached elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable
from numba.np import arrayobj

from sim.native.cache import use_cache
from sim.native.stored import CheckedCache

use_cache()
settings: Any = config
settings.CACHE_DIR = os.environ.get("NUMBA_CACHE_DIR", "")  # numba may have read its settings before

# Nothing is allocated in machine code, so references need not be counted; and only entries are called from Python.
# The code of all parts is in that of the entries that call them: stored once more for itself, nobody would load it.
_LEAN: dict[str, Any] = {"_nrt": False, "no_cfunc_wrapper": True}
part = njit(**{**_LEAN, "no_cpython_wrapper": True})
# Tiny parts that are called all the time, and parts that are called in one place.
small = njit(**{**_LEAN, "no_cpython_wrapper": True, "forceinline": True})


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep its machine code where there is a folder for it."""
    compiled = njit(**_LEAN)(function)
    if settings.CACHE_DIR:
        compiled._cache = CheckedCache(function)
    return compiled


__all__ = [
    "arrayobj",
    "cgutils",
    "entry",
    "intrinsic",
    "ir",
    "njit",
    "part",
    "register_jitable",
    "small",
    "types",
]
