"""Stored machine code that is known to be what was written: numba's cache, with a digest in front of every file.

Numba loads what it finds. A file that was cut ends its process, one with a flipped bit may compute something else.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

from sim.native.cache import others_write

log = logging.getLogger(__name__)

SIZE = hashlib.sha256().digest_size


def intact(path: Path) -> bytes:
    """What was written to a file of machine code. Raises OSError if it is missing, damaged, or open to other users."""
    with path.open("rb") as file:
        if hasattr(os, "getuid"):
            found = os.fstat(file.fileno())
            if found.st_uid != os.getuid():
                raise PermissionError(f"{path} belongs to another user")
            if others_write(found) or others_write(path.parent.stat()):
                raise PermissionError(f"{path} can be written to by other users")
        written, content = file.read(SIZE), file.read()
    if hashlib.sha256(content).digest() != written:
        raise OSError(f"{path} is damaged")
    return content


class CheckedFiles(IndexDataCacheFile):
    """Index and code of one function. What is not intact counts as not there, and is made anew."""

    def _load_index(self) -> dict[Any, str]:
        content = self._content(self._index_path)
        if content is None:
            return {}
        version, stamp, overloads = pickle.loads(content)
        found: dict[Any, str] = overloads
        return found if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        content = self._content(self._data_path(name))
        if content is None:
            raise FileNotFoundError(name)  # numba makes it anew
        return pickle.loads(content)

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _content(self, path: str) -> bytes | None:
        try:
            return intact(Path(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("machine code is made anew: %s", error)
            return None

    def _keep_to_us(self, folder: Path) -> None:
        """Close a folder to others: a user's usual rights for new folders may have left it open."""
        found = folder.stat()
        if hasattr(os, "getuid") and found.st_uid == os.getuid() and others_write(found):
            folder.chmod(0o700)

    def _write(self, path: str, data: Any) -> None:
        content = self._dump(data)
        self._keep_to_us(Path(path).parent)
        with self._open_for_write(path) as file:
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), 0o600)
            file.write(hashlib.sha256(content).digest() + content)


class CheckedCache(FunctionCache):
    """The cache of one compiled function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = CheckedFiles(
            self._cache_path, self._impl.filename_base, locator.get_source_stamp()
        )
