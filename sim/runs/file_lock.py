"""A lock on a file, which the operating system takes back when the process that holds it ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class FileLock:
    """A file that this process alone holds, with a few bytes in it about who that is."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """Make and lock the file; None where another process, or another lock of this one, holds it.

        Where the file system knows no locks the file is not guarded. Raises OSError if it cannot be made.
        """
        while True:
            file = path.open("a+b")
            try:
                _lock(file.fileno())
            except OSError as error:
                if error.errno in BUSY:
                    file.close()
                    return None
            if _is_still(path, file):
                return cls(path, file)
            file.close()  # its last holder took the file away between our opening and our locking it

    def say(self, content: bytes) -> None:
        """Write who holds it."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(content)
        self._file.flush()

    def release(self) -> None:
        """Let go, and take the file away."""
        with contextlib.suppress(OSError):  # Windows takes away no open file; it stays, and locks nothing
            self.path.unlink()
        self._file.close()


def _is_still(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 2**30, os.SEEK_SET)  # beyond the content, which others may read
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
