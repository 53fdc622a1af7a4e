"""Errors that are the user's to mend, of all floors: their message is printed without a traceback."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from sim.language import Message

_NOT_WRITTEN = {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT, errno.EROFS}


class Unwritten(Exception):
    """What was computed could not be written or shown; the message says what is kept. `output`: the standard output."""

    output = False


def user_errors() -> tuple[type[Exception], ...]:
    """Exception classes whose text is meant for the user."""
    from sim.export.story import NoSuchDispute
    from sim.runs.estimate import TooLarge
    from sim.runs.executors.cluster import ClusterUnavailable
    from sim.scenario.errors import ScenarioError, UserError
    from sim.studies.results import ResultError

    return UserError, ResultError, ClusterUnavailable, TooLarge, NoSuchDispute, ScenarioError


def output_failed(error: OSError) -> bool:
    """Whether the standard output failed: all files are opened, and written, under their names."""
    return error.filename is None and error.errno in _NOT_WRITTEN


def said_of(error: OSError) -> Message:
    """What an error of the system means, in a sentence."""
    reason = error.strerror or str(error)
    if output_failed(error):
        return Message("the output cannot be written: {reason}", reason=reason)
    if error.filename is None:
        return Message("the system refused: {reason}", reason=reason)
    file = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    return Message("{file} cannot be read or written: {reason}", file=file, reason=reason)


@contextlib.contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """Around work and what is written and shown after it: where that fails, the message says what is kept."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        said = Message(
            "{problem}. What was finished is kept in {folder}; the same command goes on from there.",
            problem=said_of(error),
            folder=f"{folder}{os.sep}",
        )
        unwritten = Unwritten(said)
        unwritten.output = output_failed(error)
        raise unwritten from None
