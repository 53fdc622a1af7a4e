"""A public function and its plan from one definition, so that each option and its default stand once.

    @question(PoliciesCompared)
    def compare(place: Where, policies=(), *, seed: int = 1, workers: int | None = None) -> ComparePlan:
        "What the public function does."
        ...  # checks what was asked and simulates nothing

`compare(...)` then checks, carries the plan out and returns the study; `compare.plan(...)` only checks, which is what
the command line calls. Both have the signature that is written.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, cast, overload

from sim.studies.dry_run import cost_of
from sim.studies.inputs import DRY_RUN, WORK
from sim.studies.study import STORE, Study, manner_of, working

P = ParamSpec("P")
Planned = TypeVar("Planned")
Planned_co = TypeVar("Planned_co", covariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)
A = TypeVar("A", bound=Study)
B = TypeVar("B", bound=Study)


class Question(Protocol[P, Planned_co, Answer_co]):
    """What the public interface offers: a function that answers, with another, `plan`, that checks only."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Answer_co:
        """Check what was asked, run what is missing, and give the study."""
        ...

    def plan(self, *args: P.args, **kwargs: P.kwargs) -> Planned_co:
        """Check what was asked. Options about where the work runs are of no account here."""
        ...


@overload
def question(one: type[A], /) -> Callable[[Callable[P, Planned]], Question[P, Planned, A]]: ...
@overload
def question(
    one: type[A], or_else: type[B], /
) -> Callable[[Callable[P, Planned]], Question[P, Planned, A | B]]: ...
@overload
def question(*studies: type[Study]) -> Callable[[Callable[P, Planned]], Question[P, Planned, Any]]: ...
def question(*studies: type[Study]) -> Callable[[Callable[P, Any]], Any]:
    """Makes the function that checks into the public one, which returns one of these studies.

    Its parameters `workers`, `executor`, `scheduler` say where the work runs; with `dry_run` the cost of the plan comes
    back. Replications are kept in the store that all studies share, or, where the plan has a folder for its own, not.
    """
    returned = " | ".join(study.__name__ for study in studies)

    def public(check: Callable[P, Any]) -> Any:
        signature = inspect.signature(check)

        @functools.wraps(check)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Any:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            chosen = check(*args, **kwargs)
            where = {name: given.arguments[name] for name in WORK if name in given.arguments}
            with working(**where, store=None if manner_of(chosen).chunks else STORE) as work:
                if given.arguments.get(DRY_RUN):
                    return cost_of(chosen, work.executor.workers)
                return chosen.carry_out(work)

        described = cast(Any, answer)
        described.__signature__ = signature.replace(return_annotation=returned)
        described.plan = check
        return answer

    return public
