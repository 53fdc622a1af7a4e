"""A run that is interrupted or whose worker is killed: nothing finished is lost, and the same command goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import PAIR, command, digests, environment, run_cli, succeeded

REPLICATIONS = 80
WORDS = (
    "run",
    PAIR,
    "--replications",
    REPLICATIONS,
    "--out",
    "out",
    "--workers",
    2,
    "--no-figures",
    "--engine",
    "reference",
)
# The same run here: a worker more or less changes no byte (`test_same_bytes_whatever_the_workers`).
ALONE = tuple(1 if word == 2 else word for word in WORDS)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the same run, undisturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    succeeded(run_cli(folder, *ALONE))
    return digests(folder / "out")


def chunks(folder: Path) -> list[Path]:
    """Finished chunks of a run."""
    return sorted((folder / "out" / "chunks").rglob("*.parquet"))


def disturbed(folder: Path, disturb: Callable[[subprocess.Popen[str]], None]) -> subprocess.Popen[str]:
    """Start the run, wait for its first chunk, disturb it, wait for its end."""
    process = subprocess.Popen(
        command(*WORDS),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 120
        while not chunks(folder) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert chunks(folder), "no chunk was finished"
        disturb(process)
        process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return process


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Process numbers of the workers: children of the program that run Python's spawn."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            line = (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == process.pid and b"resource_tracker" not in line:
            found.append(int(entry.name))
    return found


def test_interrupt_and_resume(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    process = disturbed(tmp_path, lambda p: os.killpg(p.pid, signal.SIGINT))
    assert process.returncode == 130
    kept = {p: p.stat().st_mtime_ns for p in chunks(tmp_path)}
    assert kept
    assert not (tmp_path / "out" / "manifest.json").exists()
    succeeded(run_cli(tmp_path, *ALONE))
    assert all(p.stat().st_mtime_ns == kept[p] for p in kept), "a finished chunk was run again"
    assert digests(tmp_path / "out") == undisturbed


def test_kill_the_program_and_resume(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    process = disturbed(tmp_path, lambda p: os.killpg(p.pid, signal.SIGKILL))
    assert process.returncode == -signal.SIGKILL
    succeeded(run_cli(tmp_path, *ALONE))
    assert digests(tmp_path / "out") == undisturbed


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers in /proc")
def test_kill_a_worker(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    def kill_one(process: subprocess.Popen[str]) -> None:
        for pid in workers_of(process)[:1]:
            os.kill(pid, signal.SIGKILL)

    process = disturbed(tmp_path, kill_one)
    assert process.returncode == 0
    assert digests(tmp_path / "out") == undisturbed
