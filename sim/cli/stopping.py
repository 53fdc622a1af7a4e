"""A command that is asked to end, by Ctrl-C, by the system or by a terminal that closes, ends in the same order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

ASKED = ("SIGTERM", "SIGHUP")  # as Ctrl-C, which Python turns into KeyboardInterrupt itself


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def in_order() -> Iterator[None]:
    """While a command runs: what asks it to end raises KeyboardInterrupt, so that what is finished is kept, folders are
    given back and workers end. What was told to be ignored stays so (`nohup`); afterwards all is as before.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ASKED:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
