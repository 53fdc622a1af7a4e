"""Who may write to a result folder."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from sim.runs.file_lock import FileLock
from sim.runs.sealed import digests
from sim.studies.folders import CLAIM, claimed, holder, rewritten
from sim.studies.results import ResultError, finish
from tests.cli.terminal import PAIR, command, environment, run_cli, succeeded

SPAWN = multiprocessing.get_context("spawn")


def whole(folder: Path, key: str, content: str = "a,b\n1,2\n", name: str = "table.csv") -> None:
    """A finished answer."""
    with claimed(folder, key, named_by_user=True, overwrite=True) as path, rewritten(path, key):
        (path / name).write_text(content)
        finish(path, {"key": key})


def test_a_folder_belongs_to_one_answer(tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole(out, "one")
    with claimed(out, "one", named_by_user=False) as again, claimed(out, "two", named_by_user=False) as other:
        assert (again, other) == (out, tmp_path / "out-2")
    with (
        pytest.raises(ResultError, match=r"results of another run.*--overwrite"),
        claimed(out, "two", named_by_user=True),
    ):
        pass
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("of the user")
    with pytest.raises(ResultError, match="other files"), claimed(tmp_path / "mine", "k", named_by_user=True):
        pass
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"], "a look leaves nothing"


def test_nobody_takes_a_folder_that_is_being_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with claimed(out, "one", named_by_user=True):
        with (
            pytest.raises(ResultError, match="the same command is at work"),
            claimed(out, "one", named_by_user=False),
        ):
            pass
        with (
            pytest.raises(ResultError, match="another command is at work"),
            claimed(out, "two", named_by_user=True, overwrite=True),
        ):
            pass
        with claimed(out, "two", named_by_user=False) as other:
            assert other == tmp_path / "out-2"
    assert not any(tmp_path.iterdir()), "what nothing was written to is taken away"


def test_an_interrupted_answer_keeps_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def interrupted() -> None:
        with claimed(out, "one", named_by_user=False):
            (out / "chunk").write_text("finished work")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert holder(out) == "one" and not (out / CLAIM).exists()
    with claimed(out, "two", named_by_user=False) as other, claimed(out, "one", named_by_user=False) as same:
        assert (other, same) == (tmp_path / "out-2", out)


def test_what_is_replaced_leaves_nothing_behind_and_only_when_the_new_is_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole(out, "one", name="old.csv")
    (out / "notes.txt").write_text("of the user")
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(KeyboardInterrupt), claimed(out, "two", named_by_user=True, overwrite=True):
        raise KeyboardInterrupt
    assert (out / "manifest.json").read_bytes() == before, (
        "the work was not done: the old answer is still whole"
    )
    whole(out, "two", name="new.csv")
    assert {p.name for p in out.iterdir()} == {
        "notes.txt",
        "new.csv",
        "manifest.json",
        "ro-crate-metadata.json",
    }
    assert set(json.loads((out / "manifest.json").read_text())["files"]) == {"new.csv"}


def test_a_full_disk_does_not_undo_a_finished_answer(tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole(out, "one")
    before = (out / "manifest.json").read_bytes()

    def full_disk(table: str) -> None:
        with claimed(out, "one", named_by_user=True) as path, rewritten(path, "one"):
            assert not (path / "manifest.json").exists(), "a folder with a manifest is whole"
            (path / "table.csv").write_text(table)
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        full_disk((out / "table.csv").read_text())
    assert (out / "manifest.json").read_bytes() == before and not (out / "unfinished.json").exists()
    with pytest.raises(OSError, match="no space"):
        full_disk("a,b\n1")
    assert not (out / "manifest.json").exists(), "its table was cut"
    assert holder(out) == "one"


def test_a_manifest_takes_away_nothing_outside_its_folder(tmp_path: Path) -> None:
    from sim.runs.sealed import sealed

    (tmp_path / "precious.csv").write_text("x\n")
    out = tmp_path / "out"
    whole(out, "one")
    forged = sealed({"key": "one", "files": {"../precious.csv": "0", "table.csv": "0"}})
    (out / "manifest.json").write_text(json.dumps(forged))
    whole(out, "two", name="new.csv")
    assert (tmp_path / "precious.csv").exists() and not (out / "table.csv").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with (
        pytest.raises(ResultError, match=r"cannot be written to.*--out"),
        claimed(tmp_path / "out", "one", named_by_user=True),
    ):
        pass


def _racer(folder: Path, key: str, start: Barrier, results: Any) -> None:
    start.wait()
    for turn in range(40):
        try:
            with claimed(folder, f"{key}{turn}", named_by_user=True, overwrite=True) as path:
                mark = path / "mark"
                mark.open("x").close()  # fails if another is in here
                mark.unlink()
        except ResultError:
            continue
        except FileExistsError:
            results.put("two at once")
            return
    results.put("alone")


def test_two_processes_are_never_in_one_folder(tmp_path: Path) -> None:
    """Each takes and leaves the folder as fast as it can; the lock's file comes and goes under them."""
    start, results = SPAWN.Barrier(2), SPAWN.Queue()
    racers = [SPAWN.Process(target=_racer, args=(tmp_path / "out", key, start, results)) for key in "ab"]
    for racer in racers:
        racer.start()
    found = [results.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join()
    assert found == ["alone", "alone"]


def test_a_lock_is_one_processs_alone(tmp_path: Path) -> None:
    lock = FileLock.take(tmp_path / "lock")
    assert lock is not None and FileLock.take(tmp_path / "lock") is None
    lock.release()
    assert not (tmp_path / "lock").exists()
    again = FileLock.take(tmp_path / "lock")
    assert again is not None
    again.release()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_command_that_begins_later_and_ends_sooner_is_not_replaced(tmp_path: Path) -> None:
    """Two comparisons of a place with the same default folder; the first is killed, and takes its own up again."""
    slow = ("compare", PAIR, "+whistle", "--replications", "60", "--executor", "serial", "--no-figures")
    quick = ("compare", PAIR, "none", "--replications", "2", "--executor", "serial", "--no-figures")
    first = subprocess.Popen(command(*slow), cwd=tmp_path, env=environment(), stderr=subprocess.PIPE)
    out = tmp_path / "results" / "compare-village_pair"
    try:
        until = time.monotonic() + 60
        while not (out / "unfinished.json").exists() and first.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        assert (out / "unfinished.json").exists(), "the folder is taken before the work"
        first.send_signal(signal.SIGSTOP)  # in the midst of its work
        second = run_cli(tmp_path, *quick)
        assert second.returncode == 0, second.stderr
        other = out.with_name("compare-village_pair-2")
        assert "compare-village_pair-2" in second.stderr and not (out / "manifest.json").exists()
        kept = digests(other, (".csv", ".json"))
        same = run_cli(tmp_path, *slow)
        assert same.returncode == 2 and "the same command is at work" in same.stderr
    finally:
        first.kill()
        first.communicate()
    assert (out / "unfinished.json").exists()
    succeeded(run_cli(tmp_path, *slow))
    assert (out / "manifest.json").exists() and not (out / CLAIM).exists()
    assert digests(other, (".csv", ".json")) == kept
