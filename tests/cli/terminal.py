"""Running the program in a process of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAIR = ROOT / "tests" / "data" / "village_pair.yaml"


def environment(**changes: str) -> dict[str, str]:
    """The environment of the program: no colours, nothing written beside the sources."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **changes}


def command(*words: object) -> list[str]:
    """The words of a command line."""
    return [sys.executable, str(ROOT / "run_sim.py"), *map(str, words)]


def run_cli(folder: Path, *words: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder and wait for it."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def done(folder: Path, *words: object, **changes: str) -> str:
    """Run a command that must succeed; its standard output."""
    finished = run_cli(folder, *words, **changes)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    return finished.stdout


def digests(folder: Path, *, without: tuple[str, ...] = ("run.json",)) -> dict[str, str]:
    """Digest of every file of a result folder, stored chunks left out."""
    files = [p for p in folder.rglob("*") if p.is_file() and "chunks" not in p.parts]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(files)
        if p.name not in without
    }
