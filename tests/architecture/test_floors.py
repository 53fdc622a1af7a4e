"""The architecture of the program, as far as a machine can see it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIM = ROOT / "sim"

# Imports go down, or stay on the floor. A unit is a module or a package directly under `sim`.
FLOORS: list[set[str]] = [
    {"vocabulary", "clock", "distributions", "language", "statistics", "native"},
    {"scenario"},
    {"model", "draws", "traces", "population"},
    {"rules"},
    {"engines"},
    {"outcomes", "export"},
    {"ledger", "runs"},
    {"studies"},
    {"show"},
    {"cli", "api", "lab"},
    {"__main__"},
]
FLOOR_OF = {unit: floor for floor, units in enumerate(FLOORS, start=1) for unit in units}

# Imports inside a function that go up, with the reason. Each is a debt.
UPWARD: dict[tuple[str, str], str] = {}

LONGEST = 400
# Modules that are read from end to end as one thing, with the length that they may have.
LONG = {
    "scenario/place.py": 520,  # the whole schema of a place
}

HEAVY = {"numpy", "scipy", "pandas", "matplotlib", "numba", "simpy", "pyarrow"}

SOURCES = sorted(SIM.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCES}


def imported(path: Path, *, at_top: bool = False) -> Iterator[str]:
    """Names of the modules that a module imports; `at_top` leaves out what functions and type checks import."""
    tree = ast.parse(path.read_text("utf-8"))
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    nodes: Iterator[ast.AST] = iter_top(tree) if at_top else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base


def iter_top(tree: ast.Module) -> Iterator[ast.AST]:
    """Statements that run when the module is imported."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            stack.extend(node.orelse)
            continue
        stack.extend(ast.iter_child_nodes(node))


def unit_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_every_part_of_the_program_has_a_floor() -> None:
    units = {unit_of(name) for name in MODULES} - {""}
    assert units <= FLOOR_OF.keys(), "new parts need a floor in this file's table"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_only_go_down(module: str) -> None:
    mine = unit_of(module)
    if not mine:  # sim/__init__.py: the names of the public interface, for type checkers and when first used
        named = {"sim.api", "sim.language", "sim.show.report.labels", "sim.show.report.study"}
        assert {x for x in imported(MODULES[module]) if x.startswith("sim.")} == named
        assert not [x for x in imported(MODULES[module], at_top=True) if x.startswith("sim.")]
        return
    for other in imported(MODULES[module]):
        if not other.startswith("sim."):
            continue
        theirs = unit_of(other)
        if (module, theirs) in UPWARD:
            assert other not in set(imported(MODULES[module], at_top=True))
            continue
        assert FLOOR_OF[theirs] <= FLOOR_OF[mine], f"{module} imports {other}, which is on a higher floor"


def test_no_debt_is_listed_that_has_been_paid() -> None:
    for module, theirs in UPWARD:
        assert theirs in {unit_of(x) for x in imported(MODULES[module])}


def test_statistics_are_numbers_in_and_numbers_out() -> None:
    """Nothing of the program but itself, no tables, files, words or printing: it could be lifted out as it is."""
    libraries = {"numpy", "scipy", "SALib", "pymoo", "typing", "__future__", "importlib"}
    standard = {"collections", "dataclasses", "enum", "functools", "itertools", "math"}
    for name, path in MODULES.items():
        if unit_of(name) != "statistics":
            continue
        for other in imported(path):
            if other.startswith("sim."):
                assert unit_of(other) == "statistics", f"{name} imports {other}"
            else:
                assert other.split(".")[0] in libraries | standard, f"{name} imports {other}"
        calls = (n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
        assert not {"print", "open", "tr", "marked"} & {f.id for f in calls if isinstance(f, ast.Name)}, name


@pytest.mark.parametrize("forbidden", ["sim.model", "sim.draws", "sim.traces", "sim.rules"])
def test_what_an_analyst_writes_knows_nothing_of_models(forbidden: str) -> None:
    for name, path in MODULES.items():
        if unit_of(name) == "scenario":
            assert not [x for x in imported(path) if x == forbidden or x.startswith(forbidden + ".")]


def test_engines_see_a_model_and_never_a_scenario() -> None:
    for name, path in MODULES.items():
        if unit_of(name) in ("engines", "rules"):
            used = {unit_of(x) for x in imported(path) if x.startswith("sim.")}
            assert not used & {"scenario", "outcomes", "runs"}, name


def test_outcomes_are_read_off_the_trace_without_engines() -> None:
    for name, path in MODULES.items():
        if unit_of(name) in ("outcomes", "export", "show"):
            used = {unit_of(x) for x in imported(path) if x.startswith("sim.")}
            assert not used & {"engines", "rules"}, name


def test_there_are_no_import_cycles() -> None:
    """Counted are imports that happen on import; a command imports `sim.cli`, which imports it when it is called."""
    graph = {
        name: {x for x in imported(path, at_top=True) if x in MODULES and x != name}
        for name, path in MODULES.items()
    }
    assert sum(map(len, graph.values())) > len(graph)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_is_a_few_pages(module: str) -> None:
    path = MODULES[module]
    limit = LONG.get(path.relative_to(SIM).as_posix(), LONGEST)
    assert len(path.read_text("utf-8").splitlines()) <= limit


def test_no_exception_is_listed_that_is_not_needed() -> None:
    for name in LONG:
        assert len((SIM / name).read_text("utf-8").splitlines()) > LONGEST


def loaded_after(code: str) -> set[str]:
    """Packages, and modules of SciPy, that are loaded once `code` has run in a fresh interpreter."""
    script = (
        "import sys\ntry:\n "
        + code.replace("\n", "\n ")
        + "\nexcept SystemExit: pass\n"
        + "print('|'.join({m if m.startswith('scipy.') else m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split("|"))


@pytest.mark.parametrize(
    "code",
    [
        "import sim.cli.parser",
        "import runpy; sys.argv = ['run_sim.py', '--help']; runpy.run_path('run_sim.py', run_name='__main__')",
        "import sim.vocabulary, sim.scenario.metrics, sim.scenario.errors",
    ],
)
def test_the_first_words_come_without_heavy_imports(code: str) -> None:
    loaded = loaded_after(code)
    assert "sim" in loaded
    assert not loaded & HEAVY


def test_choosing_an_engine_does_not_load_numba() -> None:
    assert "numba" not in loaded_after("import sim.engines.choose, sim.engines.reference")


@pytest.mark.parametrize("module", ["sim.studies.compare", "sim.studies.optimise", "sim.studies.select"])
def test_comparing_and_choosing_do_without_scipy_stats(module: str) -> None:
    """It takes longer to import than all that they import beside it."""
    loaded = loaded_after(f"import {module}")
    assert "scipy.special" in loaded and "scipy.stats" not in loaded
