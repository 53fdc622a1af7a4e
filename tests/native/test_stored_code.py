"""Stored machine code is run as it is: it is never taken from where others can write, nor when it is damaged."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sim.native import cache
from sim.native.cache import is_ours
from sim.native.stored import CheckedFiles

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes of POSIX")

STRANGER = 54321  # a user that is not us

ADDS = """
import logging, sys
logging.basicConfig(level=logging.WARNING)
from sim.native.jit import entry

@entry
def add(a, b):
    return a + b

print(add(2, 3), sum(add.stats.cache_hits.values()))
"""


def runs(script: Path, folder: Path | None, **more: str) -> subprocess.CompletedProcess[str]:
    """Compile and call a small function, with machine code kept in a folder."""
    env = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | more
    if folder is not None:
        env["NUMBA_CACHE_DIR"] = str(folder)
    return subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "adds.py"
    path.write_text(ADDS)
    return path


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    return folder


class Payload:
    """What runs code when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.marker}'",)


def test_code_is_stored_and_used_again_unless_it_is_damaged(script: Path, private: Path) -> None:
    assert runs(script, private).stdout.split() == ["5", "0"]
    for suffix in ("nbi", "nbc"):
        file = next(private.rglob(f"*.{suffix}"))
        file.write_bytes(file.read_bytes()[:-1])
        done = runs(script, private)
        assert done.stdout.split() == ["5", "0"], done.stderr
        assert "is damaged" in done.stderr
    assert runs(script, private).stdout.split() == ["5", "1"]


def test_no_damaged_byte_is_loaded(tmp_path: Path) -> None:
    stored = CheckedFiles(str(tmp_path), "f", b"stamp")
    stored.save("key", {"code": b"machine"})
    assert stored.load("key") == {"code": b"machine"}
    assert CheckedFiles(str(tmp_path), "f", b"another").load("key") is None
    files = sorted(tmp_path.iterdir())
    assert [file.suffix for file in files] == [".nbc", ".nbi"]
    for file in files:
        content = file.read_bytes()
        for place in range(len(content)):
            for bit in (1, 128):
                changed = bytes([*content[:place], content[place] ^ bit, *content[place + 1 :]])
                for damaged in (changed, content[:place]):
                    file.write_bytes(damaged)
                    assert stored.load("key") is None
        file.write_bytes(content)
    assert stored.load("key") == {"code": b"machine"}


def test_nothing_is_loaded_from_where_others_can_write(script: Path, tmp_path: Path) -> None:
    """The attack: code that runs when it is loaded lies where the program will look, with a digest that fits."""
    folder, marker = tmp_path / "theirs", tmp_path / "attacked"
    folder.mkdir(mode=0o700)
    runs(script, folder)
    index = next(folder.rglob("*.nbi"))
    bad = pickle.dumps(Payload(marker))
    index.write_bytes(hashlib.sha256(bad).digest() + bad)
    runs(script, folder)
    assert marker.exists(), "the attack works where the folder is trusted, or this test shows nothing"
    marker.unlink()
    folder.chmod(0o777)
    done = runs(script, folder)
    assert done.stdout.split() == ["5", "0"], done.stderr
    assert not marker.exists()


def test_nothing_is_loaded_that_others_could_have_written_to(tmp_path: Path) -> None:
    """A user may give rights to all by default: what is written is closed to others, what is open is not loaded."""
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    folder.chmod(0o777)
    stored = CheckedFiles(str(folder), "f", b"stamp")
    usual = os.umask(0)
    try:
        stored.save("key", 1)
    finally:
        os.umask(usual)
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder, *sorted(folder.iterdir()))] == [
        0o700,
        0o600,
        0o600,
    ]
    assert stored.load("key") == 1
    for path in (folder, *folder.iterdir()):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(0o666 if path.is_file() else 0o777)
        assert stored.load("key") is None
        path.chmod(mode)
    assert stored.load("key") == 1


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can make files of another user")
def test_what_belongs_to_another_user_is_not_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    stored = CheckedFiles(str(folder), "f", b"stamp")
    stored.save("key", 1)
    for file in folder.iterdir():
        os.chown(file, STRANGER, STRANGER)
        assert stored.load("key") is None
        os.chown(file, os.getuid(), os.getgid())
    assert stored.load("key") == 1
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert is_ours(folder) and is_ours(link)
    os.chown(folder, STRANGER, STRANGER)
    assert not is_ours(folder) and not is_ours(link)
    os.chown(folder, os.getuid(), os.getgid())
    os.chown(tmp_path, STRANGER, STRANGER)
    assert not is_ours(folder)
    os.chown(tmp_path, os.getuid(), os.getgid())


def test_the_common_temporary_folder_is_never_looked_into(script: Path, tmp_path: Path) -> None:
    """Where the user's own folder cannot be used, a name that others can guess is not used instead."""
    common, blocked = tmp_path / "tmp", tmp_path / "file"
    common.mkdir()
    common.chmod(0o1777)
    blocked.write_text("no folder")
    guessed = common / f"village-disputes-{os.getuid()}"
    guessed.mkdir()
    guessed.chmod(0o777)
    seen = tmp_path / "seen.py"
    seen.write_text(
        ADDS + "import os\nfolder = os.environ['NUMBA_CACHE_DIR']\n"
        "print(folder, oct(os.stat(folder).st_mode & 0o777))\n"
    )
    done = runs(seen, None, XDG_CACHE_HOME=str(blocked), TMPDIR=str(common))
    result, hits, folder, mode = done.stdout.split()
    assert (result, hits, mode) == ("5", "0", "0o700"), done.stderr
    assert Path(folder).parent == common
    assert not any(guessed.iterdir())
    assert list(common.iterdir()) == [guessed], "the folder of a process goes with it"


def test_without_any_folder_code_is_made_and_not_kept(script: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    gone = "import tempfile\ntempfile.mkdtemp = lambda **_: (_ for _ in ()).throw(OSError('full'))\n"
    script.write_text(gone + ADDS)
    done = runs(script, blocked / "inside")
    assert done.stdout.split() == ["5", "0"], done.stderr


def test_whose_folder_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "code"
    folder.mkdir(mode=0o700, parents=True)
    assert is_ours(folder)
    for mode in (0o777, 0o702):
        folder.chmod(mode)
        assert not is_ours(folder)
    folder.chmod(0o700)
    folder.parent.chmod(0o777)
    assert not is_ours(folder), "another could put a folder in its place"
    folder.parent.chmod(0o1777)
    assert is_ours(folder), "as in /tmp, only the owner can"
    file = folder / "file"
    file.write_text("")
    assert not is_ours(file) and not is_ours(folder / "missing")


def test_a_group_is_ours_if_nobody_else_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    folder.chmod(0o770)
    for alone in (True, False):
        monkeypatch.setattr(cache, "_alone_in", lambda _, alone=alone: alone)
        assert is_ours(folder) is alone
    assert stat.S_IMODE(folder.stat().st_mode) == 0o770
