"""The page of `import sim`: not stale, and its examples are what a reader may type."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import sim
from sim.cli.api_reference import CHEAP, EXAMPLES, api_page

ROOT = Path(__file__).resolve().parents[2]


def faults(code: str) -> list[str]:
    """Calls of `sim` in an example that do not fit the signature of what they call."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "sim"):
            continue
        if node.func.attr not in sim.__all__:
            found.append(f"sim.{node.func.attr} is no name")
            continue
        named = {word.arg: None for word in node.keywords if word.arg}
        try:
            inspect.signature(getattr(sim, node.func.attr)).bind(*node.args, **named)
        except TypeError as error:
            found.append(f"sim.{node.func.attr}: {error}")
    return found


def test_the_page_is_that_of_the_docstrings() -> None:
    """`python -m sim.cli.api_reference > docs/api.md` renews it."""
    assert (ROOT / "docs" / "api.md").read_text("utf-8") == api_page()


def test_every_name_has_a_docstring_and_an_example() -> None:
    assert list(EXAMPLES) == list(sim.__all__)
    assert [name for name in sim.__all__ if not inspect.getdoc(getattr(sim, name))] == []
    assert {"explain", "validate", "listing", "load", "places", "trace"} <= set(CHEAP) <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_calls_what_there_is(name: str) -> None:
    assert f"sim.{name}" in EXAMPLES[name] or inspect.isclass(getattr(sim, name))
    assert faults(EXAMPLES[name]) == []


@pytest.mark.parametrize(
    "code", ["sim.runn('daliu')", "sim.run('daliu', replicatoins=3)", "sim.diff('results/liucheng')"]
)
def test_a_wrong_example_would_be_found(code: str) -> None:
    assert len(faults(code)) == 1


@pytest.mark.parametrize("name", CHEAP)
def test_a_cheap_example_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[name], name, "exec"), {"sim": sim})
    assert list(tmp_path.iterdir()) == []
