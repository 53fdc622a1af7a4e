"""Who may write to a result folder: it is taken before the work begins, and held until the answer is in it.

A folder belongs to the key of its answer. Two things say so: `unfinished.json`, later `manifest.json`, which stay when
a command is interrupted, so that the same command takes the folder up again and no other does; and a lock, which ends
with the process, so that two commands at once never write to one folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.language import Message, Text
from sim.runs.atomic_files import sweep, write_atomically
from sim.runs.file_lock import FileLock
from sim.runs.sealed import Damaged, check_digests, document, read_sealed
from sim.studies.results import CHECKSUMS, FIGURES, MANIFEST, UNFINISHED, ResultError, json_text

CLAIM = ".claim"  # the lock; it holds the key and the process


@contextlib.contextmanager
def claimed(wanted: Path, key: str, *, named_by_user: bool, overwrite: bool = False) -> Iterator[Path]:
    """Take a folder for the answer `key` and hold it for the block.

    It is `wanted`, or, where that is another's and the user did not name it, the next free of `wanted-2`, `wanted-3`...
    `overwrite` takes it from an answer that is finished, never from a command that is at work. Raises ResultError
    where the folder cannot be had, or where the same command is at work on it.
    """
    if wanted.exists() and not wanted.is_dir():
        raise ResultError(Message("{wanted} is a file; name a folder with --out", wanted=wanted))
    candidate, number = wanted, 1
    while isinstance(lock := _take(candidate, key, overwrite), Message):
        if named_by_user:
            raise ResultError(lock)
        number += 1
        candidate = wanted.with_name(f"{wanted.name}-{number}")
    try:
        yield candidate
    finally:
        lock.release()
        _tidy(candidate)


def _take(folder: Path, key: str, overwrite: bool) -> FileLock | Message:
    """The lock of a folder that is free for this answer, or why it is not."""
    if not overwrite and (taken := _taken(folder, key)):
        return taken
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock.take(folder / CLAIM)
        if lock is None:
            return _at_work(folder, key)
        try:
            if not overwrite and (taken := _taken(folder, key)):  # between the first look and the lock
                lock.release()
                return taken
            sweep(folder, below=True)
            lock.say(json.dumps({"key": key, "process": os.getpid(), "host": platform.node()}).encode())
            if not (folder / MANIFEST).exists():
                write_atomically(folder / UNFINISHED, json_text({"key": key}))
        except BaseException:
            lock.release()
            raise
    except OSError as error:
        raise ResultError(
            Message(
                "{folder} cannot be written to ({error}); name another folder with --out",
                folder=folder,
                error=error.strerror or str(error),
            )
        ) from None
    return lock


def _taken(folder: Path, key: str) -> Message | None:
    """Whose a folder is, if it is not free for this answer."""
    held = holder(folder)
    if held in ("", key):
        return None
    whose: Text = Message("other files") if held == "?" else Message("the results of another run")
    return Message(
        "{candidate} holds {x}; choose another folder with --out, or replace it with --overwrite",
        candidate=folder,
        x=whose,
    )


def _at_work(folder: Path, key: str) -> Message:
    """That another command is at work on a folder. ResultError if it is the same command."""
    try:
        who = json.loads((folder / CLAIM).read_bytes())
        process, theirs = f"{who['process']}, {who['host']}", str(who["key"])
    except (OSError, ValueError, KeyError, TypeError):  # it has just begun, or just ended
        process, theirs = "?", ""
    if theirs == key:
        raise ResultError(
            Message(
                "the same command is at work on {folder} already (process {process}); wait for its end",
                folder=folder,
                process=process,
            )
        )
    return Message(
        "another command is at work on {folder} (process {process}); choose another folder with --out",
        folder=folder,
        process=process,
    )


def holder(folder: Path) -> str:
    """Key of the answer that a folder belongs to; empty if it is free, `?` if it holds something else."""
    if not folder.exists() or all(path.name == CLAIM for path in folder.iterdir()):
        return ""
    for name in (MANIFEST, UNFINISHED):
        try:
            return str(document(folder / name)["key"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return "?"


def _tidy(folder: Path) -> None:
    """Take away a folder that nothing but its claim is in."""
    with contextlib.suppress(OSError):
        if [path.name for path in folder.iterdir()] == [UNFINISHED]:
            (folder / UNFINISHED).unlink()
            folder.rmdir()


@contextlib.contextmanager
def rewritten(folder: Path, key: str) -> Iterator[None]:
    """A claimed folder while its files are written: without manifest, which says that it is whole.

    What an answer of another key left in it is taken away. If nothing can be written, as on a full disk, a folder that
    was whole and still is has its manifest again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest, unfinished = folder / MANIFEST, folder / UNFINISHED
    if manifest.exists() and holder(folder) == key:
        manifest.replace(unfinished)  # takes no room, and holds the key
    else:
        old = _listed(folder)
        write_atomically(unfinished, json_text({"key": key}))
        manifest.unlink(missing_ok=True)
        for path in old:
            path.unlink(missing_ok=True)
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError, Damaged):
            whole = read_sealed(unfinished)
            if not manifest.exists() and "files" in whole:
                check_digests(folder, whole["files"])
                unfinished.replace(manifest)
        raise


def _listed(folder: Path) -> list[Path]:
    """Tables and figures that a finished answer wrote, as its manifest says."""
    found = []
    for file in (folder / MANIFEST, *folder.glob(f"**/{FIGURES}/{CHECKSUMS}")):
        content: dict[str, Any] = {}
        with contextlib.suppress(OSError, Damaged):
            content = read_sealed(file)
        inside = (file.parent / name for name in content.get("files", ()))
        found += [path for path in inside if path.resolve().is_relative_to(folder.resolve())]
    return found
