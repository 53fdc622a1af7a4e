"""What a session shares is made once, by one of the processes that ask at the same time."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from tests.kept import Kept, shared_root


def fill(folder: Path) -> list[str]:
    assert list(folder.iterdir()) == []
    time.sleep(0.3)  # the others come meanwhile
    (folder / f"made-by-{os.getpid()}").touch()
    return [str(os.getpid())]


def ask(root: Path) -> list[str]:
    folder, said = Kept(root).made("one", fill)
    assert [p.name for p in folder.iterdir()] == [f"made-by-{said[0]}"]
    return said


def test_made_once_whoever_asks(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(ask, [tmp_path] * 3, chunksize=1)
    assert len({tuple(said) for said in found}) == 1


def test_what_failed_is_made_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> list[str]:
        (folder / "half").touch()
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        Kept(tmp_path).made("one", fail)
    ask(tmp_path)


def test_workers_of_a_session_have_one_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    assert shared_root(Path("/tmp/pytest-7/popen-gw1")) == Path("/tmp/pytest-7/kept")
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    assert shared_root(Path("/tmp/pytest-7")) == Path("/tmp/pytest-7/kept")
