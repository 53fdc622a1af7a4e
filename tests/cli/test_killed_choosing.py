"""`select` and `optimise` when somebody kills them or their workers: nobody is left behind, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.terminal import PAIR, command, digests, environment, run_process, succeeded
from tests.cli.test_interrupted import workers_of

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists() or os.name != "posix", reason="finds the workers in /proc"
)
# Long enough to be met at work, and quick to take up again.
WORDS: dict[str, tuple[object, ...]] = {
    "select": ("select", PAIR, "+whistle", "-screening", "--delta", 1, "--most", 4000, "--workers", 2),
    "optimise": (
        *("optimise", PAIR, "whistle", "judge_liaison", "judges:0:2", "--hours", 9000, "--replications", 100),
        *("--fresh", 100, "--workers", 2, "--no-figures"),
    ),
}


@contextmanager
def at_work(folder: Path, words: tuple[object, ...]) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """The command with its workers, when it has kept some replications."""
    process = subprocess.Popen(
        command(*words, "--out", "out"),
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
        while process.poll() is None and time.monotonic() < until:
            if any((folder / "results" / "policies").rglob("*.parquet")) and workers_of(process):
                break
            time.sleep(0.01)
        yield process, workers_of(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def alive(pids: list[int]) -> list[int]:
    """Those that are no zombies."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def nobody_left(pids: list[int]) -> None:
    until = time.monotonic() + 10
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(pids)


def kill_the_program(name: str, folder: Path) -> None:
    with at_work(folder, WORDS[name]) as (process, workers):
        assert workers, "it was too quick to be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        nobody_left(workers)
    assert not (folder / "out" / "manifest.json").exists()


def test_no_worker_outlives_a_selection_that_is_killed(tmp_path: Path) -> None:
    kill_the_program("select", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_what_was_killed_goes_on_and_answers_the_same(name: str, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    succeeded(run_process(whole, *WORDS[name], "--out", "out"))
    kill_the_program(name, killed)
    succeeded(run_process(killed, *WORDS[name], "--out", "out"))
    tables = {n: d for n, d in digests(whole / "out").items() if n.endswith(".csv")}
    assert tables == {n: d for n, d in digests(killed / "out").items() if n.endswith(".csv")} != {}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_one_killed_worker_costs_nothing(name: str, tmp_path: Path) -> None:
    with at_work(tmp_path, WORDS[name]) as (process, workers):
        os.kill(workers[0], signal.SIGKILL)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_workers_that_always_die_end_it_in_words(name: str, tmp_path: Path) -> None:
    """Every worker is killed as soon as it is seen: the command names what it could not do, and offers to go on."""
    with at_work(tmp_path, WORDS[name]) as (process, _):
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            for pid in workers_of(process):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "Traceback" not in err and "the same command runs the rest" in err
    assert "village_pair" in err or "before their first task" in err
