"""A public function and its plan are one definition."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pytest

import sim
from sim.cli.commands import COMMANDS
from sim.scenario.errors import UserError
from sim.studies.inputs import inputs
from sim.studies.question import question
from sim.studies.study import STORE, Manner, Study, Work


@dataclass(frozen=True)
class Shown(Study):
    """What was asked and where it ran."""

    command: ClassVar[str] = "shown"
    asked: dict[str, Any]
    work: Work

    def tables(self) -> dict[str, pd.DataFrame]:
        return {}

    def manifest(self) -> dict[str, Any]:
        return {}

    def answer(self) -> dict[str, Any]:
        return {}


class ShownPlan:
    """Carries nothing out but itself."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.manner = Manner(chunks="chunks" if asked["alone"] else "")

    def carry_out(self, work: Work) -> Shown:
        return Shown(self.asked, work)


@question(Shown)
def ask(
    place: str, *, seed: int = 1, alone: bool = False, dry_run: bool = False, workers: int | None = 1
) -> ShownPlan:
    """What is asked."""
    return ShownPlan(inputs(locals()))


def test_the_function_carries_out_what_its_plan_has_checked() -> None:
    found = ask("daliu", seed=3)
    assert isinstance(found, Shown)
    assert found.asked == ask.plan("daliu", seed=3).asked
    assert {name: found.asked[name] for name in ("place", "seed")} == {"place": "daliu", "seed": 3}
    assert not {"workers", "dry_run"} & set(found.asked)  # of no account for what is asked


def test_where_the_work_runs_is_said_by_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ask("daliu")
    assert (found.work.executor.workers, found.work.store) == (1, STORE)
    assert ask("daliu", alone=True).work.store is None  # it has a folder of its own
    monkeypatch.setattr("sim.studies.study.allowed", lambda workers: workers)
    assert ask("daliu", workers=2).work.executor.workers == 2


def test_a_dry_run_is_refused_where_a_plan_knows_no_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="--dry-run"):
        ask("daliu", dry_run=True)
    monkeypatch.setattr(
        ShownPlan, "cost", lambda self, workers: SimpleNamespace(workers=workers), raising=False
    )
    assert ask("daliu", dry_run=True).workers == 1  # type: ignore[attr-defined]


def test_wrong_words_are_refused_as_those_of_any_function() -> None:
    with pytest.raises(TypeError, match="sead"):
        ask("daliu", sead=3)  # type: ignore[call-arg]


def test_help_shows_options_and_what_comes_back() -> None:
    assert inspect.getdoc(ask) == "What is asked."
    assert str(inspect.signature(ask)).endswith("workers: 'int | None' = 1) -> 'Shown'")


@pytest.mark.parametrize("name", sorted({c.function for c in COMMANDS if c.function}))
def test_no_function_lists_the_options_of_its_plan_again(name: str) -> None:
    function = getattr(sim, name)
    module = inspect.getmodule(function)
    plan = getattr(module, "plan", None)
    if plan is None:  # its answer costs nothing
        return
    assert function.plan is plan
    assert inspect.signature(plan).parameters == inspect.signature(function).parameters
