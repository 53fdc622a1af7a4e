"""Standard output and error that can always be written to, whatever the terminal can show."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys

HANDLER = "village-disputes"
_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "÷": "/", "±": "+-", "…": "...", "×": "x", "“": '"', "”": '"', "‘": "'"}
    | {"’": "'", "²": "2", "·": ".", "→": "->", "≥": ">=", "≤": "<=", "∞": "inf", "•": "*"}
    | {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " "}
)  # fmt: skip


def _replaced(error: UnicodeError) -> tuple[str, int]:
    r"""What stands for characters that an encoding does not have: a plain one, else its code, as `\u77f3`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), error.end


def prepare() -> None:
    """Let no character stop the program: a terminal that is not UTF-8, or half a character of a file's name."""
    codecs.register_error(HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def abandon() -> None:
    """Give up a standard output that failed, so that nothing tries to write the rest of it when the program ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def complain(text: str) -> None:
    """A message on the error stream, if that can be written to."""
    from sim.language import visible

    with contextlib.suppress(OSError, ValueError):
        print(visible(text), file=sys.stderr, flush=True)
