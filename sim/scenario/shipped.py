"""Where the scenarios are that come with the program."""

from __future__ import annotations

from pathlib import Path


def shipped_root() -> Path:
    """The folder with `places`, `national`, `policies`, `experiments`: of the checkout or the package."""
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "_scenarios"
    return packaged if packaged.is_dir() else here.parents[2] / "scenarios"
