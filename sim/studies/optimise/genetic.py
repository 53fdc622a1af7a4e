"""Proposals of mixes by pymoo's NSGA-II. The one module that knows the library; why it: docs/decisions/0012."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.studies.optimise.problem import Mix, Problem

POPULATION = (
    24,
    80,
)  # fewest, most; between them a twentieth of the evaluations, hence some twenty generations
IDLE = 10  # generations without a new mix after which a population has nothing more to propose

Ints = NDArray[np.int64]


class SearchUnavailable(ImportError):
    """The library that searches is not installed."""


def library() -> dict[str, Any]:
    """The parts of pymoo that are used. Raises SearchUnavailable when it is not installed."""
    try:
        return {
            name: getattr(import_module(f"pymoo.{module}"), name)
            for module, name in (
                ("algorithms.moo.nsga2", "NSGA2"),
                ("core.problem", "Problem"),
                ("core.mutation", "Mutation"),
                ("core.repair", "Repair"),
                ("operators.crossover.ux", "UX"),
            )
        }
    except ImportError as error:
        raise SearchUnavailable(
            Message(
                "searching among more mixes than there are evaluations needs pymoo, which is an extra: "
                "pip install 'village-disputes[optimise]'. With at least as many evaluations as mixes "
                "that can be paid all of them are tried, and nothing has to be installed."
            )
        ) from error


def propose(
    problem: Problem, objectives: Callable[[Mix], tuple[float, ...]], evaluations: int, seed: int
) -> set[Mix]:
    """Search until `evaluations` different mixes were evaluated; returns them.

    `objectives(mix)` gives all objectives, to be minimised. A mix over the budget is repaired before it is seen.
    All luck comes from `seed`, through generators of its own, so numpy's global state neither matters nor changes.
    A population that proposes nothing new is replaced by another; the search ends early when that one finds nothing
    new either.

    NSGA-II: Deb et al. 2002, IEEE Transactions on Evolutionary Computation 6, 182-197.
    """
    seen: set[Mix] = set()
    for turn in count():
        before, idle = len(seen), 0
        search = _started(problem, evaluations, np.random.SeedSequence([seed, turn]))
        while idle < IDLE:
            proposed = search.ask()
            if proposed is None or len(proposed) == 0:
                break
            mixes = [tuple(int(n) for n in row) for row in proposed.get("X")]
            new = [mix for mix in dict.fromkeys(mixes) if mix not in seen][: evaluations - len(seen)]
            values = {mix: objectives(mix) for mix in new}
            seen.update(new)
            if len(seen) == evaluations:
                return seen
            idle = 0 if new else idle + 1
            proposed.set("F", np.array([values[m] if m in values else objectives(m) for m in mixes]))
            search.tell(infills=proposed)
        if len(seen) == before:
            return seen
    raise AssertionError  # counting does not end


def _started(problem: Problem, evaluations: int, luck: np.random.SeedSequence) -> Any:
    """NSGA-II by pymoo with a first generation, ready to be asked for mixes that can be paid."""
    parts = library()
    low, high = _bounds(problem)
    seed, *key = (int(n) for n in luck.generate_state(3))
    rng = np.random.default_rng(key)

    def repaired(rows: Ints, rng: np.random.Generator) -> Ints:
        return np.array([problem.repaired(tuple(int(n) for n in row), rng) for row in rows])

    def repair(_: Any, __: Any, rows: Ints, *, random_state: np.random.Generator, **___: Any) -> Ints:
        return repaired(rows, random_state)

    def mutate(_: Any, __: Any, rows: Ints, *, random_state: np.random.Generator, **___: Any) -> Ints:
        return mutated(rows, low, high, random_state)

    size = int(np.clip(evaluations // 20, *POPULATION))
    search = parts["NSGA2"](
        pop_size=min(size - size % 2, evaluations),
        sampling=repaired(first(problem, size, rng), rng),
        crossover=parts["UX"](),
        mutation=type("Mutation", (parts["Mutation"],), {"_do": mutate})(),
        repair=type("Repair", (parts["Repair"],), {"_do": repair})(),
        eliminate_duplicates=True,
    )
    bounds = parts["Problem"](n_var=len(low), n_obj=len(problem.objectives), xl=low, xu=high, vtype=int)
    search.setup(bounds, seed=seed, termination=("n_gen", 2**31), verbose=False)
    return search


def _bounds(problem: Problem) -> tuple[Ints, Ints]:
    low = np.array([v.low for v in problem.variables], dtype=np.int64)
    return low, np.array([v.high for v in problem.variables], dtype=np.int64)


def first(problem: Problem, size: int, rng: np.random.Generator) -> Ints:
    """The first generation, shape (size, variables): doing nothing, each variable alone by one unit, then random ones.

    Random mixes have each its own share of zeros: uniform ones would nearly all be over the budget, and their
    repairs much alike. At most half of the generation are the single ones.
    """
    low, high = _bounds(problem)
    shape = (size, len(low))
    rows = rng.integers(low, high + 1, size=shape) * (rng.random(shape) < rng.random((size, 1)))
    rows[0] = 0
    for row, index in zip(range(1, max(1, size // 2)), range(len(low)), strict=False):
        rows[row] = 0
        rows[row, index] = min(1, high[index]) or -1
    return rows.astype(np.int64)


def mutated(rows: Ints, low: Ints, high: Ints, rng: np.random.Generator) -> Ints:
    """Rows with on average one variable each changed: half of the changes by one unit, half to any value."""
    anew = rng.integers(low, high + 1, size=rows.shape)
    step = rows + rng.choice([-1, 1], size=rows.shape)
    changed = np.where(rng.random(rows.shape) < 0.5, anew, step)
    hit = rng.random(rows.shape) < 1 / rows.shape[1]
    return np.clip(np.where(hit, changed, rows), low, high)
