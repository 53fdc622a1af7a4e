"""Find a scenario by its bare name: in the current folder's `scenarios`, then among the shipped ones."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from sim.language import Message
from sim.scenario.errors import Fault, ScenarioError, listed, nearest
from sim.scenario.shipped import shipped_root

SUFFIXES = (".yaml", ".yml")
POLICIES = "policies"
_beside: ContextVar[Path | None] = ContextVar("beside", default=None)


@contextlib.contextmanager
def beside(file: Path) -> Iterator[None]:
    """Policies are looked for beside a file first, and in the folder `policies` next to its own."""
    token = _beside.set(file.resolve().parent)
    try:
        yield
    finally:
        _beside.reset(token)


def find(name_or_path: str | Path, folder: str) -> Path:
    """The file of a scenario. A path is taken as it is; `folder` is places, policies or experiments."""
    if not _is_bare(name_or_path):
        folder_near, path = _beside.get(), Path(name_or_path)
        return folder_near / path if folder_near and folder == POLICIES and not path.exists() else path
    name = str(name_or_path)
    for root in _folders(folder):
        for suffix in SUFFIXES:
            if _is_there(root / f"{name}{suffix}"):
                return root / f"{name}{suffix}"
    if Path(name).exists():
        return Path(name)
    known = names(folder)
    near = nearest(name, known)
    nothing = {
        "places": Message("there is no place of this name"),
        "policies": Message("there is no policy of this name"),
        "experiments": Message("there is no experiment of this name"),
    }.get(folder, Message("there is no scenario of this name"))
    if near:
        remedy = Message("Did you mean {near}?", near=near)
    elif known:
        remedy = Message("Choose from {known}, or name a file that ends in .yaml.", known=listed(known))
    else:
        remedy = Message("Name a file that ends in .yaml.")
    raise ScenarioError([Fault(name, 0, "", nothing, remedy)])


def _is_there(path: Path) -> bool:
    """Whether a file is there. ScenarioError where that cannot be known: another of its name would be taken for it."""
    try:
        return path.is_file()
    except OSError as error:
        problem = Message("cannot be read ({reason})", reason=error.strerror or error)
        remedy = Message("Check the name and your rights to read it.")
        raise ScenarioError([Fault(str(path), 0, "", problem, remedy)]) from None


def names(folder: str) -> list[str]:
    """Names of all scenarios that `find` knows."""
    return sorted({p.stem for root in _folders(folder) for p in _inside(root)[0] if p.suffix in SUFFIXES})


def unreadable(folder: str) -> list[tuple[Path, str]]:
    """Folders whose scenarios `names` cannot list, with the system's reason."""
    reasons = ((root, _inside(root)[1]) for root in _folders(folder))
    return [(root, why) for root, why in reasons if why]


def _inside(root: Path) -> tuple[list[Path], str]:
    """What lies in a folder, if it is one, and why that cannot be known."""
    try:
        return (list(root.iterdir()) if root.is_dir() else []), ""
    except OSError as error:
        return [], error.strerror or str(error)


def _folders(folder: str) -> list[Path]:
    near = _beside.get() if folder == POLICIES else None
    own = [near, near.parent / folder] if near else []
    return [*own, Path("scenarios") / folder, shipped_root() / folder]


def _is_bare(name: str | Path) -> bool:
    if isinstance(name, Path) or not name.strip() or "\0" in name or len(name) > 200:
        return False
    return not (name.endswith(SUFFIXES) or "/" in name or os.sep in name or name in (".", ".."))
