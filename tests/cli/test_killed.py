"""Every command that works for a while, killed in every way: nobody is left behind, no half of a file stays, no byte is
another than without the kills, and the same command goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.runs import atomic_files
from sim.runs.atomic_files import sweep, write_atomically
from sim.runs.batch import Interrupted
from sim.runs.executors.local import Failure, TaskFailed
from tests.cli.terminal import PAIR, ROOT, command, digests, environment, run_cli, run_process, succeeded
from tests.cli.test_interrupted import workers_of
from tests.cli.test_killed_choosing import nobody_left

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists() or os.name != "posix", reason="finds the workers in /proc"
)
NATION = ROOT / "tests" / "data" / "small_nation.yaml"
TWO = ("--workers", 2)
OUT = ("--out", "out", "--no-figures", *TWO)
PLAIN = ("--posterior", "none")
# Long enough to be met at work, and quick to take up again.
WORDS: dict[str, tuple[object, ...]] = {
    "run": ("run", PAIR, "--replications", 120, "--engine", "reference", *OUT),
    "nation": ("run", NATION, "--counties", 12, "--engine", "reference", *OUT),
    "compare": ("compare", PAIR, "+whistle", "--draws", 20, "--replications", 40, *OUT),
    "select": ("select", PAIR, "+whistle", "-screening", "--budget", 3000, *TWO, "--out", "out"),
    "optimise": ("optimise", PAIR, "whistle", "judges:0:2", "--hours", 9000, "--fresh", 200, *OUT),
    "sensitivity": ("sensitivity", PAIR, "none", "--draws", 70, "--replications", 10, *OUT),
    "before-after": (
        *("before-after", PAIR, "practice+whistle", "--start", "2022-06-01", "--before", 90, "--after", 90),
        *("--replications", 1200, *OUT),
    ),
    "pilot": ("pilot", "daliu", "+whistle", "--months", 6, "--draws", 30, "--replications", 4, *PLAIN, *OUT),
    "audit": ("audit", PAIR, "--draws", 60, "--replications", 20, *PLAIN, *OUT),
    "calibrate": ("calibrate", "daliu", "--effort", 0.04, "--draws", 20, "--repeats", 4, "--no-figures", *TWO),
    "predict": ("predict", "daliu", *TWO),
}  # fmt: skip
TIMES = ("run.json", "ro-crate-metadata.json")


@contextmanager
def begun(folder: Path, words: tuple[object, ...]) -> Iterator[subprocess.Popen[str]]:
    """The command in a session of its own, which is ended if a test fails."""
    process = subprocess.Popen(
        command(*words), cwd=folder, env=environment(), start_new_session=True, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(process: subprocess.Popen[str], met: Callable[[], object]) -> bool:
    """Wait until something is the case or the command has ended; whether it is still at work."""
    until = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < until and not met():
        time.sleep(0.005)
    return process.poll() is None


def answers(folder: Path) -> dict[str, str]:
    """Digests of what the command was asked for; how its replications lie in chunks depends on when it was killed."""
    found = digests(folder, without=TIMES)
    return {name: digest for name, digest in found.items() if "results/policies/" not in name}


def chunks(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("[!.]*.parquet"))


def strays(folder: Path) -> list[str]:
    """Files that no answer has: halves, locks, marks of what is unfinished."""
    odd = (p for p in folder.rglob("*") if p.name.startswith(".") or p.name == "unfinished.json")
    return [str(p.relative_to(folder)) for p in odd]


def kill_parent(process: subprocess.Popen[str], _: list[int]) -> None:
    process.kill()


def kill_both(process: subprocess.Popen[str], _: list[int]) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def terminate(process: subprocess.Popen[str], _: list[int]) -> None:
    process.terminate()


def hang_up(process: subprocess.Popen[str], _: list[int]) -> None:
    os.killpg(process.pid, signal.SIGHUP)


def press(process: subprocess.Popen[str], _: list[int]) -> None:
    os.killpg(process.pid, signal.SIGINT)


DEATHS = {kill_parent: -9, terminate: 130, press: 130, hang_up: 130, kill_both: -9}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_killed_in_every_way_it_goes_on_and_answers_the_same(name: str, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    succeeded(run_process(whole, *WORDS[name]))
    met = 0
    for death, code in DEATHS.items():
        before = chunks(killed)
        with begun(killed, WORDS[name]) as process:
            if death is terminate:  # while its workers start
                there = wait_for(process, lambda process=process: workers_of(process))
            else:
                there = wait_for(process, lambda before=before: chunks(killed) > before)
            workers = workers_of(process)
            if there:
                death(process, workers)
            _, err = process.communicate(timeout=60)
            nobody_left(workers)
        met += process.returncode == code
        assert process.returncode in (code, 0) and "Traceback" not in err, err
    assert met >= 3, "it was too quick to be killed"
    with begun(killed, WORDS[name]) as process:  # what is left, with a worker killed
        if wait_for(process, lambda: workers_of(process)):
            for pid in workers_of(process)[:1]:
                os.kill(pid, signal.SIGKILL)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0 and "Traceback" not in err, err
    assert answers(killed) == answers(whole) != {}
    assert not strays(killed)


def test_what_asks_a_program_to_end_is_answered_as_ctrl_c_is(tmp_path: Path) -> None:
    """The folder is given back, workers end, and what is finished is kept."""
    with begun(tmp_path, WORDS["run"]) as process:
        assert wait_for(process, lambda: chunks(tmp_path)), "it was too quick to be ended"
        workers = workers_of(process)
        process.terminate()
        _, err = process.communicate(timeout=60)
        nobody_left(workers)
    assert process.returncode == 130 and "the next run goes on from there" in err and "Traceback" not in err
    assert strays(tmp_path) == ["out/unfinished.json"]


def test_halves_of_files_go_and_those_of_the_living_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "chunks"
    inside.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    host = atomic_files._host()
    dead = f".a.csv.{host}.{ended.pid}.0123abcd.tmp"
    living = f".a.csv.{host}.{os.getpid()}.0123abcd.tmp"
    elsewhere = f".a.csv.{'0' * 8}.{ended.pid}.0123abcd.tmp"
    old = f".b.csv.{'0' * 8}.{ended.pid}.0123abcd.tmp"
    for folder in (tmp_path, inside):
        for name in (dead, living, elsewhere, old, ".mine.tmp"):
            (folder / name).write_text("x")
        os.utime(folder / old, (0, 0))
    sweep(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"chunks", living, elsewhere, ".mine.tmp"}
    assert len(list(inside.iterdir())) == 5
    sweep(tmp_path, below=True)
    assert {p.name for p in inside.iterdir()} == {living, elsewhere, ".mine.tmp"}
    (tmp_path / dead).write_text("x")
    monkeypatch.setattr(atomic_files, "_swept", set())
    write_atomically(tmp_path / "new.csv", b"x")
    assert not (tmp_path / dead).exists(), "who writes first takes it away"


@pytest.mark.parametrize(
    ("stop", "code"), [(Interrupted(0, 9), 130), (TaskFailed([Failure("daliu 3.1", "no memory")]), 1)]
)
def test_a_check_that_stops_promises_nothing(
    stop: Exception, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps no replications: nothing goes on from anywhere."""

    def gate(*_: object, **__: object) -> None:
        raise stop

    monkeypatch.setattr("sim.studies.check.gate", gate)
    found = run_cli(tmp_path, "check", "daliu", "--workers", 1)
    assert found.returncode == code and "kept" not in found.stderr and "Traceback" not in found.stderr
    assert code == 130 or "daliu 3.1: no memory" in found.stderr
