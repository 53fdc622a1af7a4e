"""Output that cannot be written: one message and an exit code, before the work where it can be known."""

from __future__ import annotations

import errno
import io
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from sim.cli import main, streams
from sim.runs import atomic_files
from tests.cli.terminal import ROOT, command, environment, run_cli

FULL = Path("/dev/full")
RUN = ("run", "daliu", "--replications", "1", "--no-figures", "--workers", "1")


@pytest.mark.parametrize(
    "words",
    [
        (*RUN, "--out", "file/x"),
        (*RUN, "--out", "file"),
        ("compare", "daliu", "+whistle", "--out", "file/x"),
        ("before-after", "daliu", "+whistle", "--start", "2022-06-01", "--out", "file/x"),
        ("predict", "--out", "file/x"),
        ("calibrate", "daliu", "--out", "file/x"),
        ("check", "--junit", "file/x.xml"),
        ("trace", "daliu", "--export", "file/x.csv"),
        ("new", "--name", "a", "--villages", "3", "--persons", "900", "--no-run", "--out", "file/a.yaml"),
        (*RUN, "--out", "x" * 300),
    ],
)
def test_where_nothing_can_be_written_nothing_is_simulated(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("")
    with mock.patch("sim.runs.case.Case.measure", side_effect=AssertionError("simulated")):
        found = run_cli(tmp_path, *words)
    assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
    assert words[-1].split("/")[0] in found.stderr and len(found.stderr.splitlines()) <= 2
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_folder_without_rights_is_refused_before_the_work(tmp_path: Path) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with mock.patch("sim.studies.folders.write_atomically", refused):
        found = run_cli(tmp_path, *RUN)
    assert found.returncode == 2 and "Permission denied" in found.stderr and "--out" in found.stderr
    with (
        mock.patch.object(atomic_files.tempfile, "TemporaryFile", refused),
        pytest.raises(PermissionError) as error,
    ):
        atomic_files.can_be_written(tmp_path / "new" / "folder")
    assert error.value.filename == str(tmp_path)


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("results/policies", ("compare", "daliu", "+whistle", "--replications", "4")),
        ("results/daliu/chunks", RUN),
        ("scenarios/posteriors", ("calibrate", "daliu")),
        ("results/policies", ("calibrate", "daliu", "--reading", "proportional")),
    ],
)
def test_a_store_without_rights_is_refused_before_the_work(
    tmp_path: Path, folder: str, words: tuple[str, ...]
) -> None:
    real = atomic_files.tempfile.TemporaryFile

    def refused(*, dir: Path) -> object:
        if dir == Path(folder):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(dir=dir)

    (tmp_path / folder).mkdir(parents=True)
    if folder.endswith("chunks"):
        run_cli(tmp_path, *RUN, "--overwrite")
    with (
        mock.patch.object(atomic_files.tempfile, "TemporaryFile", refused),
        mock.patch("sim.runs.case.Case.measure", side_effect=AssertionError("simulated")),
    ):
        found = run_cli(tmp_path, *words)
    assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
    assert f"{folder} cannot be read or written: Permission denied" in found.stderr


def test_a_chunk_folder_without_rights_is_refused_before_the_work(tmp_path: Path) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    with (
        mock.patch("sim.runs.store.can_be_written", refused),
        mock.patch("sim.runs.case.Case.measure", side_effect=AssertionError("simulated")),
    ):
        for words in (RUN, ("compare", "daliu", "+whistle", "--replications", "4", "--workers", "1")):
            found = run_cli(tmp_path, *words)
            assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
            assert "replications-" in found.stderr and "Permission denied" in found.stderr


def test_what_cannot_be_read_is_named_and_the_rest_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, and a folder of policies, without rights; as root every file could be read."""
    (tmp_path / "scenarios" / "places").mkdir(parents=True)
    (tmp_path / "scenarios" / "policies").mkdir()
    (tmp_path / "scenarios" / "places" / "closed.yaml").write_text("name: closed")
    opened, inside, there = Path.open, Path.iterdir, Path.is_file

    def closed(path: Path) -> bool:
        return path.name == "closed.yaml" or "scenarios/policies" in path.as_posix().removeprefix(str(ROOT))

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, *given: Any, **more: Any) -> Any:
            if closed(path) and not (real is there and path.name == "closed.yaml"):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return real(path, *given, **more)

        return call

    for name, real in (("open", opened), ("iterdir", inside), ("is_file", there)):
        monkeypatch.setattr(Path, name, guarded(real))
    found = run_cli(tmp_path, "list")
    assert found.returncode == 0, found.stderr
    lines = {line.split()[0]: line for line in found.stdout.splitlines() if line.strip()}
    assert "not valid: 1 fault(s)" in lines["closed"] and "2022-05-20" in lines["baojing"]
    assert "whistle" in lines and "scenarios/policies cannot be listed: Permission denied" in found.stderr
    found = run_cli(tmp_path, "validate", "scenarios/places/closed.yaml")
    assert found.returncode == 2 and "cannot be read (Permission denied)" in found.stdout + found.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no such device here")
@pytest.mark.parametrize(("words", "code"), [(("list", "places"), 2), (RUN, 1), ((*RUN, "--json"), 1)])
def test_a_full_disk_on_the_output_keeps_the_work(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    with FULL.open("w") as full:
        found = subprocess.run(
            command(*words), cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, env=environment()
        )
    last = found.stderr.splitlines()[-1]
    assert found.returncode == code and "No space left" in last and "Traceback" not in found.stderr
    if code == 1:
        assert "results/daliu" in last and (tmp_path / "results" / "daliu" / "manifest.json").exists()


def test_a_full_disk_after_the_work_keeps_what_was_finished(tmp_path: Path) -> None:
    def full(path: Path, *_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with mock.patch("sim.studies.run.found.write_table", full):
        found = run_cli(tmp_path, *RUN)
    assert found.returncode == 1 and "Traceback" not in found.stderr
    assert "No space left" in found.stderr and "the same command goes on" in found.stderr
    assert list((tmp_path / "results" / "daliu" / "chunks").rglob("*.parquet"))
    again = run_cli(tmp_path, *RUN)
    assert again.returncode == 0 and "1 of 1" in again.stderr


def test_a_failed_write_names_the_file_and_leaves_none(tmp_path: Path) -> None:
    def content(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        atomic_files.write_atomically(tmp_path / "a.csv", content)
    assert caught.value.filename == str(tmp_path / "a.csv") and not list(tmp_path.iterdir())
    atomic_files.can_be_written(tmp_path / "b" / "c")
    assert not list(tmp_path.iterdir())


def test_nothing_takes_the_place_of_a_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no ordinary file"):
        atomic_files.write_atomically(pipe, b"x")
    assert pipe.is_fifo() and [p.name for p in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii", "utf-8"])
def test_no_terminal_stops_the_program(encoding: str) -> None:
    for language in ("en", "zh"):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
        with mock.patch.object(sys, "stdout", out), mock.patch.object(sys, "__stdout__", out):
            assert main(["list", "places", "--lang", language]) == 0
            print("− ÷ – \ud800 鄠", flush=True)
        said = raw.getvalue().decode(encoding)
        assert "2022-05-20" in said and "\\ud800" in said
        assert ("保靖县" in said) == (encoding in ("gbk", "utf-8"))
        assert encoding == "utf-8" or "\\u4fdd" in said or encoding == "gbk"
        assert encoding != "ascii" or "- / - " in said


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    with mock.patch("sim.cli.listing.listing", side_effect=MemoryError):
        found = run_cli(tmp_path, "list")
    assert found.returncode == 1 and "memory" in found.stderr and len(found.stderr.splitlines()) == 1


def test_arguments_and_folders_that_cannot_be(tmp_path: Path) -> None:
    found = run_cli(tmp_path, "explain", "a\udcff")
    assert found.returncode == 2 and "\\udcff" in found.stderr and len(found.stderr.splitlines()) == 1
    with mock.patch.object(Path, "cwd", side_effect=FileNotFoundError(2, "No such file")):
        found = run_cli(tmp_path, "list", "places")
    assert found.returncode == 2 and "current folder" in found.stderr


def test_options_of_all_commands_may_stand_before_the_command(tmp_path: Path) -> None:
    before = run_cli(tmp_path, "--json", "--lang", "zh", "list", "places")
    after = run_cli(tmp_path, "list", "places", "--json", "--lang", "zh")
    assert before.returncode == 0 and before.stdout == after.stdout and before.stdout.startswith("{")
    assert "地区" in run_cli(tmp_path, "--lang", "zh", "list", "places").stdout


def test_the_package_is_a_program(tmp_path: Path) -> None:
    given = mock.patch.object(sys, "argv", ["sim", "list", "places"])
    with mock.patch.object(streams, "prepare"), given, pytest.raises(SystemExit) as end:
        runpy.run_module("sim", run_name="__main__")
    assert end.value.code == 0
