"""Files that are known to be what was written: JSON documents with a checksum, and digests of the files beside them.

A checksum tells what was cut, damaged or edited. It does not tell who wrote it: whoever wants to can renew it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from sim.language import english
from sim.runs.atomic_files import text_of

CHECKSUM = "checksum"
LARGEST = 1 << 28  # bytes of a document: a hundred times what the program writes


class Damaged(ValueError):
    """A file is not what was written. The message says in what way, without the name of the file."""


def checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON object without its checksum; layout and order of keys do not matter."""
    bare = {key: value for key, value in content.items() if key != CHECKSUM}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object as it comes back from a file, with its checksum."""
    plain: dict[str, Any] = json.loads(json.dumps(content, default=english))
    return {**plain, CHECKSUM: checksum(plain)}


def document(path: Path) -> Any:
    """What a JSON file holds. Raises OSError, also for a device or what is too large, and ValueError."""
    try:
        return json.loads(text_of(path, LARGEST))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_sealed(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises OSError, and Damaged where it is not what was written."""
    if path.exists() and not path.is_file():
        raise Damaged("it is no file")
    try:
        content = document(path)
    except ValueError as error:
        raise Damaged(f"it is no JSON document: {error}") from None
    if not isinstance(content, dict):
        raise Damaged("it is no JSON object")
    if CHECKSUM not in content:
        raise Damaged("it has no checksum, as if an older version or somebody else had written it")
    if content[CHECKSUM] != checksum(content):
        raise Damaged("its checksum does not fit: it was damaged or changed after it was written")
    return content


def digest_of(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(folder: Path, suffixes: Iterable[str], without: Iterable[str] = ()) -> dict[str, str]:
    """Digests of the files of a folder whose names end so, by their paths in it.

    `without` are patterns of names of files and folders that are left out.
    """
    out: dict[str, str] = {}
    ends, patterns = tuple(suffixes), (".*", *without)

    def wanted(name: str) -> bool:
        return not any(fnmatch(name, pattern) for pattern in patterns)

    for where, folders, files in os.walk(folder):
        folders[:] = filter(wanted, folders)
        for name in filter(wanted, files):
            if name.endswith(ends):
                path = Path(where, name)
                out[path.relative_to(folder).as_posix()] = digest_of(path)
    return dict(sorted(out.items()))


def check_digests(folder: Path, listed: Mapping[str, str], names: Iterable[str] | None = None) -> None:
    """See that files are those whose digests are listed; all of them, or only `names`.

    Raises Damaged, which names the first file that is missing, not listed, or another.
    """
    for name in listed if names is None else names:
        try:
            found = digest_of(folder / name)
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror or error})") from None
        if name not in listed:
            raise Damaged(f"{name} is not among the files that were written")
        if found != listed[name]:
            raise Damaged(f"{name} was damaged or changed after it was written")
