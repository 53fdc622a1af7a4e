"""Every notebook runs from top to bottom, is kept without outputs, and uses the public interface only."""

from __future__ import annotations

import ast
import inspect
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pytest
from matplotlib.figure import Figure
from nbclient import NotebookClient

import sim
from tests.kept import CALIBRATION, Kept

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# In a kernel of its own: the first chapter; the others only when slow tests run, since their code runs here too.
KERNEL = [pytest.param(p, id=p.stem, marks=[] if p.stem[:2] == "01" else pytest.mark.slow) for p in NOTEBOOKS]
PUBLIC = {"sim", "pandas", "numpy", "matplotlib", "pathlib", "tempfile", "datetime"}


def code_of(path: Path) -> list[Any]:
    """The cells of a chapter that are code."""
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_there_are_nine_chapters() -> None:
    assert len(NOTEBOOKS) == 9


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_is_clean_public_and_ends_with_something_to_try(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = code_of(path)
    assert all(not c.outputs and c.execution_count is None for c in code)
    assert "## Try" in notebook.cells[-1].source
    for node in ast.walk(ast.parse("\n".join(c.source for c in code))):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert name == "sim" or name.split(".")[0] in PUBLIC - {"sim"}, f"{name} is not public"


@pytest.mark.usefixtures("little_effort")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_code_of_a_chapter_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    """In this process, with few replications; every value that a cell shows is shown."""
    if any("calibrate" in cell.source for cell in code_of(path)):  # it finds there what it would simulate
        kept.copied(tmp_path, *CALIBRATION)
    for name in ("run", "compare", "calibrate", "predict", "pilot"):
        monkeypatch.setattr(sim, name, quickly(getattr(sim, name)), raising=False)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    shown = [show(cell.source, names) for cell in code_of(path)]
    assert sum(shown) > 0, "a chapter shows a figure"


def quickly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with few replications, here."""
    known = inspect.signature(function).parameters
    few = 24 if function.__name__ == "compare" else 4  # twelve draws show both readings

    def quick(*arguments: Any, **options: Any) -> Any:
        inspect.signature(function).bind(*arguments, **options)
        if "replications" in options:
            options["replications"] = min(options["replications"], few)
        if function.__name__ == "pilot":
            options["draws"], options["months"] = 4, [12]
        if "effort" in options:
            options["effort"] = 0.04
        if "workers" in known:
            options.setdefault("workers", 1)
        return function(*arguments, **options)

    return quick


def show(source: str, names: dict[str, object]) -> int:
    """Run a cell as a notebook does, showing what its last line gives; the number of figures."""
    tree = ast.parse(source)
    last = (
        tree.body.pop() if isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
    )
    exec(compile(tree, "cell", "exec"), names)
    value = (
        eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if isinstance(last, ast.Expr)
        else None
    )
    figures = [value] if isinstance(value, Figure) else []
    figures += [plt.figure(number) for number in plt.get_fignums()]
    for figure in figures:
        figure.savefig(io.BytesIO(), format="png")
    plt.close("all")
    assert repr(value)
    if not figures and hasattr(value, "_repr_html_"):
        assert value._repr_html_()
    return len(figures)


@pytest.mark.parametrize("path", KERNEL)
def test_a_chapter_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert any("image/png" in o.get("data", {}) for o in outputs), "a chapter shows a figure"
