"""Text of a user as a value, or as a comment, of a YAML file that the program writes."""

from __future__ import annotations

import sys

import yaml


def quoted(text: str) -> str:
    """A text as YAML takes it in any place, on one line: `"null"` and `"3"` are text, and no quote or break ends it."""
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=sys.maxsize)
    return dumped.removesuffix("\n")


def one_line(text: str) -> str:
    """A text as it may stand in a comment: on one line, and nothing invisible in it."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def comment(text: str) -> str:
    """A comment of YAML, whatever a title holds."""
    return f"# {one_line(text)}".rstrip()
