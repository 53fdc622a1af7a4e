"""Stored results are used again only when they may be: what changes a number changes the key, and nothing else does."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from sim.engines.choose import ENGINES
from sim.runs import fingerprint
from sim.runs.fingerprint import (
    BY_NAME,
    FAST,
    IDLE,
    LIBRARIES,
    POSTERIOR,
    READS,
    SIMULATE,
    Module,
    data_files,
    digest,
    libraries,
    reached,
    statements,
)

ROOT = Path(fingerprint.__file__).resolve().parents[1]
# Libraries that are reached and decide no digit: what checks types, packs and labels tables, or reads files.
NO_DIGITS = {"pandas", "pyarrow", "pydantic", "xarray", "yaml"}


@cache
def modules() -> dict[str, Module]:
    return reached(ROOT, SIMULATE)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that may be changed, beside one of the scenarios."""
    root = tmp_path_factory.mktemp("copy") / "sim"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__", "fonts"))
    shutil.copytree(ROOT.parent / "scenarios" / "national", root.parent / "scenarios" / "national")
    return root


def code(root: Path) -> str:
    return digest(root, SIMULATE)


def model(root: Path) -> str:
    return digest(root, POSTERIOR, without=FAST)


# What a mutation does to a source: one node's text is replaced.
SWAPPED = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
}


def mutants(source: str) -> Iterator[str]:
    """The source with another number, with another comparison, and with another last statement."""
    parsed = ast.parse(source)
    nodes = list(ast.walk(parsed))
    number = next((n for n in nodes if isinstance(n, ast.Constant) and type(n.value) in (int, float)), None)
    if number is not None:
        yield replaced(source, number, f"({ast.unparse(number)} + 1)")
    compared = next((n for n in nodes if isinstance(n, ast.Compare) and type(n.ops[0]) in SWAPPED), None)
    if compared is not None:
        between = ast.copy_location(ast.Pass(), compared.left)
        between.lineno, between.col_offset = compared.left.end_lineno or 0, compared.left.end_col_offset or 0
        right = compared.comparators[0]
        between.end_lineno, between.end_col_offset = right.lineno, right.col_offset
        yield replaced(source, between, f" {SWAPPED[type(compared.ops[0])]} ")
    last = [n for n in nodes if isinstance(n, ast.Return) and n.value is not None]
    if last:
        value = last[-1].value
        assert value is not None
        yield replaced(source, value, f"({ast.get_source_segment(source, value)}, None)")
    if number is None and not last:
        yield f"{source}\nCHANGED = True\n"


def replaced(source: str, node: ast.AST, text: str) -> str:
    lines = [line.encode() for line in source.split("\n")]
    first, last = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]
    start, end = lines[first][: node.col_offset], lines[last][node.end_col_offset :]  # type: ignore[attr-defined]
    changed = [*lines[:first], start + text.encode() + end, *lines[last + 1 :]]
    return b"\n".join(changed).decode()


def test_a_changed_meaning_of_every_module_that_simulates_changes_the_key(tree: Path) -> None:
    before, tried = code(tree), 0
    for module in reached(tree, SIMULATE).values():
        source = module.path.read_text("utf-8")
        meant = ast.dump(ast.parse(source))
        for mutant in mutants(source):
            assert ast.dump(ast.parse(mutant)) != meant, module.path
            module.path.write_text(mutant, "utf-8")
            assert code(tree) != before, f"a change of {module.path.name} is not seen:\n{mutant}"
            tried += 1
        module.path.write_text(source, "utf-8")
    assert code(tree) == before
    assert tried > 2 * len(modules())


def test_what_the_issue_of_stale_results_was_about_is_reached() -> None:
    for name in (
        "scenario.part",
        "scenario.parameter_draws",
        "runs.points",
        "runs.readouts.place",
        "scenario.prior",
        "runs.nation",
    ):
        assert f"sim.{name}" in modules()
    named = {f"sim.scenario.mechanisms.{p.stem}" for p in (ROOT / "scenario" / "mechanisms").glob("*.py")}
    assert named - {"sim.scenario.mechanisms.__init__"} <= modules().keys()
    assert {f"sim.engines.{name}" for name in ENGINES if name != "auto"} <= modules().keys()


def test_remarks_docstrings_and_layout_leave_the_key(tree: Path) -> None:
    before = code(tree), model(tree)
    for module in reached(tree, SIMULATE).values():
        source = module.path.read_text("utf-8")
        parsed = ast.parse(source)
        other = source + "\n# A remark.\n" + '"""Words that nobody takes."""\n'
        doc = ast.get_docstring(parsed, clean=False)
        if doc is not None:
            other = replaced(other, parsed.body[0], '"""Other words, # and a sign."""  # a remark')
        module.path.write_text(other.replace("\n    return ", "\n\n    # why\n    return "), "utf-8")
        assert (code(tree), model(tree)) == before, module.path
        module.path.write_text(source, "utf-8")


def test_a_changed_layout_leaves_the_meaning() -> None:
    def meant(source: str) -> list[tuple[int, str]]:
        return list(statements(source))

    long = 'def f(a, b):\n    if a:\n        return g(a + 1, "x y", [b[0], -b])\n    return r"\\d"  # why\n'
    wide = (
        'def f(\n  a ,\n  b\n):\n  """Doc."""\n  if a :\n\n    # so\n'
        '    return g( a+1,\n   "x y", [ b [0],\n  - b ] )\n'
        '  return \\\n r"\\d"\n'
    )
    assert meant(long) == meant(wide)
    for old, new in (
        ("a + 1", "a - 1"),
        ("x y", "xy"),
        ("if a:", "if b:"),
        ("    return r", "        return r"),
    ):
        assert meant(long) != meant(long.replace(old, new)), (old, new)
    assert meant('x = ("a" "b")') == meant('x = (\n    "a"\n    "b"\n)') != meant('x = ("ab")')
    assert meant("returnx") != meant("return x")


class Bare(ast.NodeTransformer):
    """Takes away the strings that nobody takes, as docstrings are."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [n for n in body if not alone(n)] or [ast.Pass()]  # type: ignore[attr-defined]
        return node


def alone(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def test_what_is_hashed_is_the_whole_program() -> None:
    """The statements, put together again, are the same program: two that differ cannot have the same digest."""
    for name, module in modules().items():
        source = module.path.read_text("utf-8")
        lines = [*statements(source), (0, "")]
        text = ""
        for (level, line), (next_level, _) in pairwise(lines):
            text += f"{' ' * level}{line}\n"
            if line.endswith(":") and next_level <= level:  # nothing but a docstring was in it
                text += f"{' ' * (level + 1)}pass\n"
        assert ast.dump(Bare().visit(ast.parse(text))) == ast.dump(Bare().visit(ast.parse(source))), name


def test_all_imports_are_found() -> None:
    for name, module in modules().items():
        found = set()
        only_types = [
            inner
            for node in ast.walk(ast.parse(module.path.read_text("utf-8")))
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for statement in node.body
            for inner in ast.walk(statement)
        ]
        hidden = {(n.lineno, n.col_offset) for n in only_types if isinstance(n, ast.Import | ast.ImportFrom)}
        for node in ast.walk(ast.parse(module.path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom) and (node.lineno, node.col_offset) in hidden:
                continue
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.module is not None
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert found == module.imports, name


def test_what_cannot_matter_leaves_the_key(tree: Path) -> None:
    before = code(tree), model(tree)
    inside = {module.path for module in reached(tree, SIMULATE).values()}
    outside = [path for path in tree.rglob("*.py") if path not in inside]
    for path in outside:
        path.write_text(path.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    (tree / "show" / "notes.txt").write_text("words", "utf-8")
    assert (code(tree), model(tree)) == before
    folders = {path.relative_to(tree).parts[0] for path in outside}
    assert {"cli", "show", "studies", "statistics", "ledger", "export", "language", "api.py"} <= folders
    assert {"store.py", "executors"} <= {
        path.relative_to(tree).parts[1] for path in outside if "runs" in path.parts
    }


def test_a_faster_engine_leaves_posteriors(tree: Path) -> None:
    before = code(tree), model(tree)
    fast = modules().keys() - reached(ROOT, SIMULATE, without=FAST).keys()
    assert fast >= set(FAST)
    assert "sim.rules" not in fast
    assert "sim.engines.reference.run" not in fast
    for name in fast:
        path = tree / modules()[name].path.relative_to(ROOT)
        source = path.read_text("utf-8")
        path.write_text(source + "\nCHANGED = True\n", "utf-8")
        assert code(tree) != before[0], name
        assert model(tree) == before[1], name
        path.write_text(source, "utf-8")


def test_a_new_mechanism_and_new_data_change_the_key(tree: Path) -> None:
    before = code(tree)
    for name in (
        "scenario/mechanisms/whistle_again.py",
        "model/table.csv",
        "../scenarios/national/tiers.yaml",
    ):
        path = tree / name
        old = path.read_bytes() if path.exists() else None
        path.write_bytes((old or b"") + b"\nX = 1\n")
        assert code(tree) != before, name
        if old is None:
            path.unlink()
        else:
            path.write_bytes(old)
    assert code(tree) == before


@pytest.mark.parametrize(
    "text",
    [
        'from importlib import import_module\nimport_module("sim.show")\n',
        'import importlib\nimportlib.import_module("sim.show")\n',
        '__import__("sim.show")\n',
        "from . import build\n",
        "from sim.scenario.shipped import shipped_root\n",
    ],
)
def test_what_cannot_be_followed_is_refused(tree: Path, text: str) -> None:
    path = tree / "model" / "build.py"
    source = path.read_text("utf-8")
    path.write_text(source + f"\ndef later():\n    {text.replace(chr(10), chr(10) + '    ')}\n", "utf-8")
    try:
        with pytest.raises(ValueError, match=r"fingerprint\.py|relative"):
            code(tree)
    finally:
        path.write_text(source, "utf-8")


def test_every_module_that_names_stored_results_is_hashed() -> None:
    """A new kind of job that asks for the digest must be simulated from `SIMULATE`, or it would not be in it."""
    asking = set()
    for path in (ROOT / "runs").rglob("*.py"):
        if "code_digest" in fingerprint._read(path).meaning and path.stem != "fingerprint":
            asking.add(".".join(("sim", *path.relative_to(ROOT).with_suffix("").parts)))
    assert asking
    assert asking <= modules().keys()


def test_what_is_said_of_modules_is_of_modules_that_are_reached() -> None:
    assert {*BY_NAME, *READS} <= modules().keys()
    assert all(module.by_name == (name in BY_NAME) for name, module in modules().items())
    assert IDLE.keys() <= fingerprint._sources(ROOT).keys() - modules().keys()


def test_nothing_is_asked_of_the_package_itself() -> None:
    every = fingerprint._sources(ROOT)
    for name, module in modules().items():
        asked = {i for i in module.imports if i.count(".") == 1 and i.startswith("sim.")}
        assert asked <= every.keys(), name


def test_libraries_that_decide_digits_are_known() -> None:
    theirs = {i.partition(".")[0] for m in modules().values() for i in m.imports}
    theirs -= {*sys.stdlib_module_names, "sim"}
    assert theirs == {*LIBRARIES, *NO_DIGITS}
    assert "missing" not in libraries().values()


def test_another_library_changes_the_key_but_not_that_of_posteriors(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> tuple[str, str]:
        for function in (libraries, fingerprint.code_digest, fingerprint.model_digest):
            function.cache_clear()
        return fingerprint.code_digest(), fingerprint.model_digest()

    try:
        before = asked()
        for name in LIBRARIES.values():
            true = fingerprint.version
            with monkeypatch.context() as patch:
                patch.setattr(
                    fingerprint, "version", lambda n, name=name, true=true: "0" if n == name else true(n)
                )
                after = asked()
            assert after[0] != before[0], name
            assert after[1] == before[1]
        with monkeypatch.context() as patch:
            patch.setattr(fingerprint.platform, "python_version_tuple", lambda: ("3", "99", "0"))
            assert asked()[0] != before[0]
    finally:
        asked()


SIMULATES = """
import json, sys, types
from pathlib import Path
root = Path(sys.argv[1])
class Nothing:
    def __call__(self, *_, **__): return "nothing"
    def __mro_entries__(self, bases): return ()
    def __getattr__(self, name): return Nothing()
if sys.argv[2] == "stubs":
    package = types.ModuleType("sim"); package.__path__ = [str(root)]; sys.modules["sim"] = package
    for name in json.loads(sys.argv[3]):
        stub = types.ModuleType(name); stub.__getattr__ = lambda _: Nothing(); sys.modules[name] = stub
from sim.runs.case import Case
from sim.runs.points import Scores, coordinates
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policies import parse
import numpy as np
opened = set()
def hook(event, args):
    if event == "open" and isinstance(args[0], str): opened.add(args[0])
place = load_place("daliu")
policy = parse("none+grid", place)
sys.addaudithook(hook)
names = coordinates(place, policy)
scores = np.zeros((1, len(names)))
asked = (("record", "proportional"),)
found = [
    Case(place, None, 1, "place", engine="reference").measure(0, 0),
    Case(place, policy, 1, engine="reference").measure(1, 0),
    Case(place, policy, 1, "figures", Scores(names, scores), asked, engine="reference").measure(0, 0),
    Case(place, policy, 1, "periods", options=(("before", 100),), engine="reference").measure(0, 0),
    Case(place, policy, 1, "paths", engine="reference").measure(0, 0),
]
out = [repr(one.rows.to_pylist()) for one in found]
print(json.dumps({"found": out, "opened": sorted(opened)}))
"""


def simulated(kind: str) -> dict[str, list[str]]:
    names = json.dumps(
        [name for name in fingerprint._sources(ROOT) if fingerprint.idle(name) and name != "sim"]
    )
    command = [sys.executable, "-c", SIMULATES, str(ROOT), kind, names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT.parent)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@cache
def plain() -> dict[str, list[str]]:
    return simulated("plain")


def test_idle_modules_change_no_number() -> None:
    """Everything that the idle modules hold is replaced by nonsense, and every number is the same."""
    assert simulated("stubs")["found"] == plain()["found"]


def test_the_simulation_reads_no_other_files() -> None:
    ours = {Path(name).resolve() for name in plain()["opened"]}
    ours = {p for p in ours if p.is_relative_to(ROOT.parent) and p.suffix not in (".py", ".pyc")}
    assert ours <= {path.resolve() for path in data_files(ROOT, modules()).values()}
    assert ours == {ROOT.parent / "scenarios" / "national" / "tiers.yaml"}
