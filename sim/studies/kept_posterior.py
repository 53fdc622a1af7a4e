"""Where posteriors are kept, and what becomes of the one that was there."""

from __future__ import annotations

from pathlib import Path

from sim.runs.atomic_files import write_atomically
from sim.runs.posterior import FOLDER, Posterior

POSTERIORS = Path("scenarios") / FOLDER  # where other commands look, in the current folder


def keep(posterior: Posterior) -> Path:
    """Keep a posterior where other commands look: `scenarios/posteriors` in the current folder.

    Every other one that was there is kept beside it, `.json.previous`, `.json.previous-2` and so on.
    """
    path = POSTERIORS / f"{posterior.place}.json"
    if path.is_file() and path.read_bytes() != posterior.text().encode():
        put_aside(path)
    posterior.save(path)
    return path


def put_aside(path: Path) -> None:
    """Keep a copy of a file under the next free of its names `.previous`, `.previous-2`..., unless one has the same."""
    content, number = path.read_bytes(), 1
    while (copy := path.with_name(f"{path.name}.previous" + (f"-{number}" if number > 1 else ""))).exists():
        if copy.read_bytes() == content:
            return
        number += 1
    write_atomically(copy, content)
