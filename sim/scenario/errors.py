"""What is wrong with a scenario: one fault per mistake, with its place in the file and a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.language import Message, Text, current, in_english
from sim.language import shown as said


@dataclass(frozen=True, order=True)
class Where:
    """A line of a file; line 0 means the file as a whole, or a value from the command line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake. `path` is dotted (`villages.mediators`), empty where it concerns the whole file."""

    file: str
    line: int
    path: str
    problem: Text
    remedy: Text

    @property
    def where(self) -> Where:
        """File and line together."""
        return Where(self.file, self.line)

    def said(self) -> str:
        """In the language in use; always one line, whatever was quoted from the file."""
        path = f"{self.path}: " if self.path else ""
        problem = said(self.problem).rstrip(".。")
        stop = "。" if current() == "zh" else ". "
        text = " ".join(f"{self.where}: {path}{problem}{stop}{said(self.remedy)}".split())
        return "".join(c if c.isprintable() else "?" for c in text)

    def __str__(self) -> str:
        return in_english(self.said)


class ScenarioError(Exception):
    """A scenario that cannot be used. `faults` are sorted by file and line and never empty."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: list[Fault] = sorted(set(faults))
        super().__init__("\n".join(str(f) for f in self.faults))

    def said(self) -> str:
        """All faults in the language in use, one on a line."""
        return "\n".join(f.said() for f in self.faults)

    def __str__(self) -> str:
        return in_english(self.said)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `word`, if any looks like it at all."""
    import difflib

    lowered = {k.lower(): k for k in known}
    found = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def listed(words: Iterable[str], limit: int = 12) -> Text:
    """Words as a list, cut after `limit`."""
    every = list(words)
    if len(every) > limit:
        return Message("{list} and {n} more", list=every[:limit], n=len(every) - limit)
    if len(every) < 2:
        return "".join(every)
    return Message("{list} and {last}", list=every[:-1], last=every[-1])


def either(words: Sequence[str]) -> Text:
    """Words between which to choose."""
    if len(words) < 2:
        return "".join(words)
    return Message("{one} or {other}", one=either(words[:-1]), other=words[-1])


def bare(text: str, limit: int = 40) -> str:
    """A text of a file as `shown` quotes it, without the quotes."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown(value: object, limit: int = 40) -> Text:
    """A value of a file as it may be quoted in a message: short, on one line, in YAML's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return Message("a section")
    if isinstance(value, list):
        return Message("a list")
    text = bare(str(value), limit)
    return f"'{text}'" if isinstance(value, str) else text


class UserError(Exception):
    """Something the user can mend that stands in no file, such as an option; the message says how."""
