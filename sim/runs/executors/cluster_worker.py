"""What runs on a worker of a Dask cluster: who it is, what it has prepared, and one task at a time."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

from sim.runs.executors.workers import Outcome, raised
from sim.runs.fingerprint import libraries, source_digest

KEPT = 4  # preparations that a worker keeps
SETTLING = 1.0  # seconds that a worker waits before the first task of its life


def identity() -> dict[str, str]:
    """What must be alike on all computers for equal results: our code, and the libraries that decide digits."""
    return {"program": source_digest(), **libraries()}


def differing(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """In words, what another computer has that we have not; empty if all is alike."""
    odd = ", ".join(
        f"{name} {theirs.get(name, 'missing')[:12]} instead of {mine[:12]}"
        for name, mine in ours.items()
        if theirs.get(name) != mine
    )
    return f"it has {odd}, and would give other results" if odd else ""


def greet() -> dict[str, str]:
    """On a worker: its identity; it was there before any task."""
    _met.append(True)
    return identity()


# Of a worker: what is prepared, by token, the latest last; a function and what undoes its preparation.
_prepared: dict[str, tuple[Callable[[Any], Any], object]] = {}
_one_at_a_time = threading.Lock()
_met: list[bool] = []  # whether this worker is known to have started well


def _ready(token: str, payload: bytes) -> Callable[[Any], Any]:
    """The function of a run, prepared in this process."""
    if token not in _prepared:
        fn, initializer, initargs = pickle.loads(payload)
        undo = initializer(*initargs) if initializer is not None else None
        _prepared[token] = fn, undo
        while len(_prepared) > KEPT:
            _, undo = _prepared.pop(next(iter(_prepared)))
            if callable(undo):
                undo()
    found = _prepared.pop(token)
    _prepared[token] = found
    return found[0]


def work(token: str, payload: bytes, task: bytes | None, expected: dict[str, str]) -> bytes:
    """On a worker: one task, or only its preparation. Returns (`prepared`, outcome), pickled, as not all can be."""
    if not _met:
        # Dask starts a dead worker again, but not one that dies before its nanny has heard that it started.
        time.sleep(SETTLING)
        _met.append(True)
    if identity() != expected:
        return pickle.dumps((False, Outcome("raised", reason=differing(expected, identity()))))
    with _one_at_a_time:
        try:
            fn = _ready(token, payload)
        except Exception as error:  # raised again by the client
            return pickle.dumps((False, raised(error)))
        try:
            result = Outcome("done", None if task is None else fn(pickle.loads(task)))
            return pickle.dumps((True, result), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # reported by the client with the task's name
            return pickle.dumps((True, raised(error)))
