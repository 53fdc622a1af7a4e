"""Whether a stored result may be used again: digests of all sources, data and libraries that decide its numbers.

What counts is found, not listed: from the modules that simulate (`SIMULATE`) all imports are followed, also those
inside functions. Of a source its meaning is hashed, see `statements`; of data that it reads, every byte.
Few modules are left out (`IDLE`), each for a reason and with a test. See docs/decisions/0018.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = "sim"

# Where numbers are made. A test demands that every module which puts `code_digest` into a key is reached from here.
SIMULATE = (
    "sim.runs.case",
    "sim.runs.nation",
)

# What a posterior says about: the model, as the engine that defines it runs it. The compiled engine returns the same
# traces or the tests of twins fail, so that it decides how soon a number is there, not which (decision 0015).
POSTERIOR = ("sim.runs.case",)
FAST_ENGINE = "sim.engines.compiled"
FAST = (FAST_ENGINE, "sim.outcomes.one_pass")  # and the same for reading outcomes

# Modules that import by a name which is not in their text, and what that may be; `*`: all modules of the package.
BY_NAME: Mapping[str, tuple[str, ...]] = {
    "sim.engines.choose": ("sim.engines.reference", FAST_ENGINE),
    "sim.scenario.mechanisms": ("sim.scenario.mechanisms.*",),
}

# Modules that ask where the scenarios are, and the files there that they read while a model is built.
SCENARIOS = "sim.scenario.shipped"
READS: Mapping[str, tuple[str, ...]] = {
    "sim.scenario.effects_file": ("national/effects.yaml",),  # priors of mechanisms
    "sim.scenario.mechanisms.hamlet": ("national/tiers.yaml",),
    "sim.scenario.include": (),  # what others ask it for
}

# Modules, and packages but our own with all in them, that are reached and yet change no number, and why.
IDLE: Mapping[str, str] = {
    "sim": "the package itself only lends its names to callers; no module of the simulation asks it for one",
    "sim.runs.fingerprint": "names results and makes none",
    "sim.native.cache": "where machine code is kept; the sources that it is made from are hashed themselves",
    "sim.language": "puts words before readers; no number is made from a text",
}

# Libraries that decide digits, by the name of their import. The sum of floats of Python 3.12 is another than that of
# 3.11, and a calendar says which days are worked.
LIBRARIES: Mapping[str, str] = {
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
    "llvmlite": "llvmlite",
    "simpy": "simpy",
    "chinese_calendar": "chinesecalendar",
}


@cache
def code_digest() -> str:
    """Digest of everything but the case itself that a stored result was computed by. Other results are not used."""
    return _joined([source_digest(), *(f"{k} {v}" for k, v in libraries().items())])


@cache
def source_digest() -> str:
    """Digest of our own part of it: sources and data."""
    return digest(_root(), SIMULATE)


@cache
def model_digest() -> str:
    """Digest of the model: `code_digest` without the fast engine and without versions of libraries.

    Posteriors of another model are not used, but those of a slower engine or of another computer are.
    """
    return digest(_root(), POSTERIOR, without=FAST)[:16]


@cache
def libraries() -> dict[str, str]:
    """Python's minor version, and the versions of the libraries that decide digits."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in sorted(LIBRARIES.values()):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def digest(root: Path, starts: Collection[str], without: Collection[str] = ()) -> str:
    """Digest of what the modules `starts` of the package in the folder `root` do, with all that they import.

    Imports of the modules `without` are not followed.
    """
    modules = reached(root, starts, without)
    parts = [f"{name}\n{module.meaning}" for name, module in sorted(modules.items())]
    for name, file in sorted(data_files(root, modules).items()):
        parts.append(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}")
    return _joined(parts)


def _joined(parts: Collection[str]) -> str:
    h = hashlib.sha256()
    for part in parts:
        h.update(f"{len(part)} {part}\n".encode())
    return h.hexdigest()


def _root() -> Path:
    return Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Module:
    """A source: its file, what it means, and all that it imports, as written (`from a import b`: a and a.b)."""

    path: Path
    meaning: str
    imports: frozenset[str]
    by_name: bool  # whether it also imports by names that are not in its text


def reached(root: Path, starts: Collection[str], without: Collection[str] = ()) -> dict[str, Module]:
    """The modules that `starts` import, directly or not, by name; without those that are idle.

    A module that imports by name must be in `BY_NAME`: ValueError.
    """
    files = _sources(root)
    out: dict[str, Module] = {}
    todo = [*starts]
    while todo:
        name = todo.pop()
        # What is no file is a name in a module, or a library.
        if name in out or name not in files or name in without or idle(name):
            continue
        module = out[name] = _read(files[name])
        if module.by_name and name not in BY_NAME:
            raise ValueError(f"{name} imports by name; say in sim/runs/fingerprint.py what that may be")
        todo += [*module.imports, name.rpartition(".")[0]]  # a package's own module is run before any in it
        for other in BY_NAME.get(name, ()):
            package, star, _ = other.partition("*")
            todo += [n for n in files if n.rpartition(".")[0] == package[:-1]] if star else [other]
    return out


def idle(name: str) -> bool:
    """Whether a module changes no number though it is reached: it is in `IDLE`, or in a package that is."""
    return name == PACKAGE or any(f"{name}.".startswith(f"{n}.") for n in IDLE if n != PACKAGE)


def _sources(root: Path) -> dict[str, Path]:
    """The files of all modules of the package in the folder `root`, by name."""
    out: dict[str, Path] = {}
    for folder, _, files in os.walk(root):
        above = [PACKAGE, *Path(folder).relative_to(root).parts]
        for file in files:
            name, dot, suffix = file.rpartition(".")
            if suffix == "py" and dot:
                out[".".join(above if name == "__init__" else [*above, name])] = Path(folder, file)
    return out


def data_files(root: Path, modules: Mapping[str, Module]) -> dict[str, Path]:
    """Files that modules may read: those beside them that are no sources, and the scenarios that they ask for.

    A module that asks where the scenarios are must be in `READS`: ValueError.
    """
    out: dict[str, Path] = {}
    for folder in sorted({module.path.parent for module in modules.values()}):
        for file in folder.iterdir():
            if (
                not file.name.startswith(".")
                and not file.name.endswith((".py", ".pyc", "~"))
                and file.is_file()
            ):
                out[file.relative_to(root).as_posix()] = file
    packaged = root / "_scenarios"
    scenarios = packaged if packaged.is_dir() else root.parent / "scenarios"
    for name, module in modules.items():
        if SCENARIOS in module.imports and name not in READS:
            raise ValueError(f"{name} reads scenarios; say in sim/runs/fingerprint.py which")
        out |= {f"scenarios/{file}": scenarios / file for file in READS.get(name, ())}
    return out


def _read(path: Path) -> Module:
    return Module(path, *_understood(path.read_text("utf-8")))


@lru_cache(maxsize=512)  # code and model have most of their modules in common
def _understood(source: str) -> tuple[str, frozenset[str], bool]:
    lines = list(statements(source))
    imports = frozenset(imports_of(lines))
    meaning = "".join(f"{level} {text}\n" for level, text in lines)
    return meaning, imports, "importlib" in imports or any(call in meaning for call in _RUNS_TEXT)


# Strings without their prefixes, remarks, and ends of lines that do not count.
_ASIDE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|\#[^\n]*|\\\n *",
    re.S,
)
_BLANKS = re.compile(
    r" (?<![\n ] )(?:(?=[^\w\s])|(?<=[^\w\s] ))"
)  # beside signs, but none at the start of a line
_TWO_WORDS = re.compile(r"\w\w")
_FROM = re.compile(r"from ?(\.*[\w.]*) ?import ?\(?(.*?),?\)?$")
_RUNS_TEXT = ("__import__(", "exec(", "eval(")


def statements(source: str) -> Iterator[tuple[int, str]]:
    """The statements of a source, each with its depth in blocks: no remarks, no docstrings, no layout."""
    strings: list[str] = []

    def aside(found: re.Match[str]) -> str:
        piece = found[0]
        if piece[0] == "\\":
            return "" if source[found.start() - 1] == " " else " "
        if piece[0] == "#":
            return ""
        strings.append(f"{piece} ")
        return '"'

    blocks, brackets, taken, whole = [0], 0, 0, ""
    for line in _BLANKS.sub("", _ASIDE.sub(aside, source)).split("\n"):
        if brackets:
            line = line.strip()
            whole += f" {line}" if _TWO_WORDS.match(whole[-1:] + line[:1]) else line
        else:
            whole = line.rstrip()
        brackets += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if brackets:
            continue
        text = whole.strip()
        own = strings[taken : taken + text.count('"')]
        taken += len(own)
        if not text.strip('"rRuU ' if own else None):
            continue  # nothing, or a string that nobody takes
        indent = len(whole) - len(whole.lstrip())
        while indent < blocks[-1]:
            blocks.pop()
        if indent > blocks[-1]:
            blocks.append(indent)
        if own:
            parts = zip(text.split('"'), [*own, ""], strict=True)
            text = "".join(part for pair in parts for part in pair)
        yield len(blocks) - 1, text


def imports_of(lines: Iterable[tuple[int, str]]) -> Iterator[str]:
    """All that statements import, but for what only a type checker sees."""
    only_types: int | None = None
    for level, text in lines:
        if only_types is not None and level > only_types:
            continue
        only_types = level if text in ("if TYPE_CHECKING:", "if typing.TYPE_CHECKING:") else None
        if text.startswith("import "):
            yield from (name.split(" ")[0] for name in text.removeprefix("import ").split(","))
        elif (found := _FROM.match(text)) is not None:
            module, names = found.groups()
            if module.startswith("."):
                raise ValueError(f"a relative import, which is not followed: {text}")
            yield module
            yield from (f"{module}.{name.split(' ')[0]}" for name in names.split(","))
