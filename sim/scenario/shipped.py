"""Where the scenarios are that come with the program."""

from __future__ import annotations

from pathlib import Path


def shipped_root() -> Path:
    """The folder with `places`, `national`, `policies`, `experiments`: of the checkout or the package."""
    checkout = Path(__file__).resolve().parents[2] / "scenarios"
    return checkout if checkout.is_dir() else Path(__file__).resolve().parents[1] / "scenarios"
