"""Engines decide nothing: no probability, threshold or place name is written in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.native import cache

ROOT = Path(__file__).resolve().parents[2]
ENGINES = sorted((ROOT / "sim" / "engines").rglob("*.py"))
BLIND = [*ENGINES, ROOT / "sim" / "rules.py", *sorted((ROOT / "sim" / "model").glob("*.py"))]

# Numbers with a point that an engine may contain, by file below sim/engines.
FLOATS = {
    "reference/in_force.py": {1.0: "a rate that has not faded yet, the mean of a unit of hazard"},
    "reference/latent.py": {0.0: "a detection probability of nothing", 1.0: "the mean of a unit of hazard"},
    "reference/life.py": {0.0: "patience without end"},
    "reference/state.py": {0.0: "numbers before they are known"},
    "compiled/latent.py": {0.0: "as in the reference engine", 1.0: "as in the reference engine"},
    "compiled/life.py": {0.0: "as in the reference engine"},
    "compiled/loop.py": {0.0: "no frailty"},
    "compiled/layout.py": {0.0: "the ends of a grid of uniforms", 1.0: "the ends of a grid of uniforms"},
    "compiled/machine.py": {
        0.5: "the middle of a cell of the generator (sim/draws.py)",
        2.0: "its scale, 2 ** -32",
    },
}
# Whole numbers: layouts of records and buffers. Nothing at all beyond 0, 1 and 2 where life is told.
INTS = {
    "reference/in_force.py": {1: "the next tables"},
    "reference/latent.py": dict.fromkeys(range(2), "keys and counts"),
    "reference/afterwards.py": dict.fromkeys(range(2), "keys and counts"),
    "reference/life.py": dict.fromkeys(range(2), "keys and counts"),
    "reference/machine.py": {0: "the number of the case among the jobs"},
    "reference/run.py": dict.fromkeys(range(2), "keys and counts"),
    "reference/state.py": dict.fromkeys(range(3), "counts, and SimPy's own priorities"),
    "reference/stations.py": dict.fromkeys((0, 1, 3, 4), "counts, parts of a ticket"),
    "compiled/agenda.py": dict.fromkeys((0, 1, 4, 15, 16), "layout of chunks"),
    "compiled/heaps.py": dict.fromkeys(range(2), "counts"),
    "compiled/latent.py": {**dict.fromkeys(range(2), "counts"), 2: "minutes that make up for rounding"},
    "compiled/afterwards.py": dict.fromkeys(range(2), "counts"),
    "compiled/life.py": dict.fromkeys(range(3), "counts, and what follows a time away"),
    "compiled/loop.py": {
        **dict.fromkeys(range(9), "columns of the trace, counts, events looked ahead"),
        96: "size of a buffer",
    },
    "compiled/machine.py": {
        **dict.fromkeys((0, 1, 10), "counts, rounds of the generator"),
        16: "draws made at once",
        32: "bits of a word of the generator",
        **dict.fromkeys((0xFFFFFFFF, 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85), "generator"),
    },
    "compiled/stations.py": {
        **dict.fromkeys(range(2), "counts"),
        **dict.fromkeys((2, 8), "days that are searched first, which show in no result"),
    },
}
FREE = {
    "compiled/codes.py",
    "compiled/layout.py",
    "choose.py",
}  # slices of enumerations, sizes, amounts of work


# What modules of machine code take from others for the Python around it.
NOT_COMPILED = {"Model", "slots_of", "village_counts"}


def below(path: Path) -> str:
    return path.relative_to(ROOT / "sim" / "engines").as_posix()


def numbers(path: Path, kind: type) -> Iterator[tuple[int, float | int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and type(node.value) is kind:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", ENGINES, ids=below)
def test_no_engine_contains_a_probability_or_a_rate(path: Path) -> None:
    allowed = FLOATS.get(below(path), {})
    assert not [(line, x) for line, x in numbers(path, float) if x not in allowed]


@pytest.mark.parametrize("path", [p for p in ENGINES if below(p) not in FREE], ids=below)
def test_no_engine_contains_a_threshold(path: Path) -> None:
    allowed = INTS.get(below(path), {})
    assert not [(line, x) for line, x in numbers(path, int) if x not in allowed]


def test_every_number_that_is_allowed_is_there() -> None:
    for table, kind in ((FLOATS, float), (INTS, int)):
        for name, allowed in table.items():
            found = {x for _, x in numbers(ROOT / "sim" / "engines" / name, kind)}
            assert set(allowed) <= found | set(range(9)), name


def place_names() -> set[str]:
    """Places by the names of their files, in Latin letters, and by their Chinese titles."""
    names = {"liucheng", "baojing", "daliu", "fengcheng", "jiang"}
    for path in (ROOT / "scenarios").glob("places/*.yaml"):
        names.add(path.stem.lower())
        names |= set(re.findall(r"zh:\s*[\"']?([\u4e00-\u9fff]{2,})", path.read_text("utf-8")))
    return names


@pytest.mark.parametrize("path", BLIND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_place_is_named_where_models_are_built_and_run(path: Path) -> None:
    text = path.read_text("utf-8").lower()
    found = [x for x in place_names() if re.search(rf"(?<![a-z]){re.escape(x)}(?![a-z])", text)]
    assert not found


@pytest.mark.parametrize("name", ["rules", "distributions"])
def test_the_rules_draw_nothing_and_store_nothing(name: str) -> None:
    """Pure functions: no import but mathematics, types and constants, no random numbers, no loop over disputes."""
    tree = ast.parse((ROOT / "sim" / f"{name}.py").read_text("utf-8"))
    imports = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    constants = {"sim.clock", "sim.distributions", "sim.model.tables", "sim.vocabulary"}
    assert imports <= {"__future__", "math", "collections.abc"} | constants
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Global | ast.Nonlocal | ast.ClassDef)]
    stored = [
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Subscript | ast.Attribute)
    ]
    assert not stored


def test_machine_code_is_cached_in_one_place() -> None:
    """Numba does not notice that a function of another file has changed; the name of our folder does."""
    importing = re.compile(r"^\s*(?:from|import) numba\b", re.MULTILINE)
    sources = sorted((ROOT / "sim").rglob("*.py"))
    assert [p.name for p in sources if importing.search(p.read_text("utf-8"))] == [
        "jit.py",
        "stored.py",
    ]
    depends = {p.relative_to(ROOT / "sim").as_posix() for p in cache.sources()}
    compiled = re.compile(r"^from sim\.native\.(?:jit|memory) import", re.MULTILINE)
    using = {p.relative_to(ROOT / "sim") for p in sources if compiled.search(p.read_text("utf-8"))}
    assert len(using) > 6
    for path in using:  # what they take from where
        assert path.as_posix() in depends
        tree = ast.parse((ROOT / "sim" / path).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim."):
                module = (node.module or "").replace(".", "/") + ".py"
                package = (node.module or "").replace(".", "/") + "/__init__.py"
                called = {module.removeprefix("sim/"), package.removeprefix("sim/")}
                names = {a.name for a in node.names}
                assert called & depends or names <= NOT_COMPILED, (path, node.module)
