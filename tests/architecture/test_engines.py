"""Engines decide nothing: no probability, threshold or place name is written in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINES = sorted((ROOT / "sim" / "engines").glob("*.py"))
BLIND = [*ENGINES, ROOT / "sim" / "rules.py", *sorted((ROOT / "sim" / "model").glob("*.py"))]

# Numbers with a point that an engine may contain.
FLOATS = {
    "reference.py": {
        0.0: "a detection probability of nothing, patience without end",
        1.0: "the mean of a unit of hazard",
        1e6: "severity in parts per million, in the trace",
    },
    "compiled.py": {0.0: "no frailty", 1e6: "as in reference.py"},
    "layout.py": {0.0: "the ends of a grid of uniforms", 1.0: "the ends of a grid of uniforms"},
    "life.py": {0.0: "as in reference.py"},
    "latent.py": {0.0: "as in reference.py", 1.0: "as in reference.py"},
    "state.py": {0.0: "numbers before they are known"},
    "machine.py": {
        0.5: "the middle of a cell of the generator (sim/draws.py)",
        2.0: "its scale, 2 ** -32",
    },
}
# Whole numbers: layouts of keys and records, and the limits that these layouts set.
INTS = {
    "reference.py": {
        **dict.fromkeys(
            range(10), "codes, counts, columns of the trace, and the lengths of the model's tables"
        ),
        15: "visits and petitions that a visit key has room for",
        16: "rounds that a key of a round has room for; village in a slot",
        1440: "minutes of a day",
    },
    "compiled.py": {
        **dict.fromkeys(range(10), "codes, counts, columns of the trace"),
        **dict.fromkeys((16, 30, 31, 35, 96, (1 << 27) - 1), "layout of keys and buffers"),
    },
    "agenda.py": dict.fromkeys(
        (0, 1, 3, 4, 7, 15, 16, 30, 31, 35, (1 << 27) - 1), "layout of keys and chunks"
    ),
    "life.py": {**dict.fromkeys(range(5), "codes and counts"), 15: "as in reference.py"},
    "latent.py": {
        **dict.fromkeys(range(2), "codes and counts"),
        2: "minutes that make up for rounding",
        16: "as in reference.py",
        65_536: "rounds that a key has room for",
    },
    "state.py": dict.fromkeys(range(6), "codes, and SimPy's own priorities"),
    "stations.py": {
        **dict.fromkeys((0, 1, 3, 30, 60), "codes, counts, layout of keys"),
        **dict.fromkeys((2, 8), "days that are searched first, which show in no result"),
    },
    "machine.py": {
        **dict.fromkeys(range(11), "codes, columns of the trace, rounds of the generator"),
        16: "draws made at once",
        32: "bits of a word of the generator",
        35: "layout of the events' keys",
        0xFFFFFFFF: "generator",
        0xD2511F53: "generator",
        0xCD9E8D57: "generator",
        0x9E3779B9: "generator",
        0xBB67AE85: "generator",
    },
}


def numbers(path: Path, kind: type) -> Iterator[tuple[int, float | int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and type(node.value) is kind:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", ENGINES, ids=lambda path: path.name)
def test_no_engine_contains_a_probability_or_a_rate(path: Path) -> None:
    allowed = FLOATS.get(path.name, {})
    assert not [(line, x) for line, x in numbers(path, float) if x not in allowed]


@pytest.mark.parametrize("name", sorted(INTS))
def test_no_engine_contains_a_threshold(name: str) -> None:
    path = ROOT / "sim" / "engines" / name
    assert not [(line, x) for line, x in numbers(path, int) if x not in INTS[name]]


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


def test_the_rules_draw_nothing_and_store_nothing() -> None:
    """Pure functions: no import but mathematics and types, no global, no random numbers, no loop over disputes."""
    tree = ast.parse((ROOT / "sim" / "rules.py").read_text("utf-8"))
    imports = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imports <= {"__future__", "math", "collections.abc", "sim.model.tables"}
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
    assert [p.name for p in sources if importing.search(p.read_text("utf-8"))] == ["jit.py"]
    kept = re.search(r"names = \(([^)]*)\)", (ROOT / "sim" / "engines" / "cache.py").read_text("utf-8"))
    assert kept
    compiled = {p.stem for p in ENGINES} - {"__init__", "cache", "choose", "in_force", "reference", "state"}
    assert set(re.findall(r"\"(\w+)\"", kept[1])) == compiled
