"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file so that a reader finds the old one or the whole new one, even after a crash.

    `content` is the bytes or a function that writes them to the open file. If that fails, nothing is left
    behind.
    """
    with whole_file(path) as file:
        if callable(content):
            content(file)
        else:
            file.write(content)


def text_of(path: Path, most: int = 1 << 26) -> str:
    """The text of an ordinary file in UTF-8. Raises OSError, also for a device or what is too large, and ValueError."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > most or len(content := file.read(most + 1)) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MB", str(path))
    return content.decode("utf-8-sig")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes its place when the block ends well; otherwise nothing is left behind.

    Raises OSError, which names the file.
    """
    make_folder(path.parent)
    if path.exists() and not path.is_file():  # a rename would put a file in the place of a device
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    _once_swept(path.parent.resolve())
    # In the same folder, because a rename is only atomic within one file system.
    temporary = path.with_name(f".{path.name}.{_host()}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):  # a full disk names no file, and nobody knows the temporary one
            raise OSError(error.errno, error.strerror or str(error), str(path)) from None
        raise
    _sync_folder(path.parent)


_TEMPORARY = re.compile(r"\..+\.([0-9a-f]{8})\.([0-9]{1,10})\.[0-9a-f]{8}\.tmp", re.DOTALL)
_ABANDONED = 86_400.0  # seconds after which nobody is still writing a file, wherever he is
_swept: set[Path] = set()


def sweep(folder: Path, *, below: bool = False) -> None:
    """Take away the halves of files that processes left behind which were killed while they wrote; with `below` also in
    all folders in it. What a living process writes stays.
    """
    for where, folders, files in os.walk(folder):
        for name in files:
            found = _TEMPORARY.fullmatch(name)
            if found and _is_abandoned(Path(where, name), found[1], int(found[2])):
                with contextlib.suppress(OSError):
                    Path(where, name).unlink()
        if not below:
            folders.clear()


def _once_swept(folder: Path) -> None:
    if folder not in _swept:
        _swept.add(folder)
        sweep(folder)


@cache
def _host() -> str:
    """Stands for this computer in the names of temporary files: folders may be shared by several."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _is_abandoned(file: Path, host: str, process: int) -> bool:
    """Whether whoever wrote a temporary file has ended; of another computer, or of Windows, by the file's age."""
    if host == _host() and os.name == "posix":
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):  # somebody else's
            pass
    try:
        return time.time() - file.stat().st_mtime > _ABANDONED
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises OSError, which names the one that is in the way."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        there = next((f for f in (folder, *folder.parents) if f.exists() and not f.is_dir()), folder)
        raise NotADirectoryError(error.errno, "it is a file, not a folder", str(there)) from None


def can_be_written(folder: Path) -> None:
    """See, before the work, that files can be written to a folder, or to the one that it will be made in.

    Raises OSError, which names the folder. Nothing is left behind.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(there))
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(bytes(1 << 16))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(there)) from None


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable where the system lets a folder be synchronised."""
    with contextlib.suppress(OSError):  # not possible on Windows and some network file systems
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_parquet(content: bytes) -> pa.Table:
    """The table in a Parquet file, read in this thread alone.

    `pyarrow.parquet.read_table` hands even one small file to Arrow's thread pools, and a process that ends soon after
    may then end with "terminate called without an active exception": 3 in 160 runs did, 0 in 250 without pools.
    """
    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as file:
        return file.read(use_threads=False)
