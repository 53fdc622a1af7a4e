"""`--help` and complaints of argparse in the language in use: its own words, and lines of wide characters."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from unicodedata import east_asian_width

from sim.language import LANGUAGES, marked, tr

# What argparse says of itself. It asks for these by `_`, before it puts values in.
WORDS = (
    marked("usage: "),
    marked("positional arguments"),
    marked("options"),
    marked("show this help message and exit"),
    marked("argument %(argument_name)s: %(message)s"),
    marked("the following arguments are required: %s"),
    marked("expected one argument"),
    marked("expected at most one argument"),
    marked("expected at least one argument"),
    marked("invalid choice: %(value)r (choose from %(choices)s)"),
    marked("ignored explicit argument %r"),
    marked("ambiguous option: %(option)s could match %(matches)s"),
)
CLOSING = "，。；：、）】》？！”’"  # no line begins with one of these
_PIECES = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]+|\s+"
)


def asked_language(words: Sequence[str]) -> str | None:
    """The language that a command line asks for, before it is parsed; None where it asks for none that there is."""
    found = None
    for here, after in zip_longest(words, words[1:], fillvalue=""):
        option, equals, value = here.partition("=")
        if option == "--lang":
            found = value if equals else after
    return found if found in LANGUAGES else None


@contextmanager
def speaking() -> Iterator[None]:
    """Inside, argparse speaks the language in use."""
    before = argparse._  # type: ignore[attr-defined] # its way to gettext; it offers no other
    argparse._ = lambda text: tr(text) if text in WORDS else before(text)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = before  # type: ignore[attr-defined]


def cells(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at blanks and between Chinese characters."""
    lines = [""]
    for piece in _unbreakable(_PIECES.findall(" ".join(text.split()))):
        if lines[-1] and cells(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _unbreakable(pieces: Iterable[str]) -> Iterator[str]:
    """Pieces with what may not begin a line at their ends."""
    kept = ""
    for piece in pieces:
        if kept and piece not in CLOSING:
            yield kept
            kept = ""
        kept += piece
    if kept:
        yield kept


class Formatter(argparse.RawDescriptionHelpFormatter):
    """argparse's own, with columns as a terminal counts them."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        header = self._format_action_invocation(action)
        before, found, after = text.partition(header)
        room = len(after) - len(after.lstrip(" "))
        wide = min(cells(header) - len(header), max(room - 2, 0))
        return before + found + after[wide:]
