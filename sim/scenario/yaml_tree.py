"""Read one YAML file into a tree that remembers every line, and refuse what is ambiguous or unsafe.

There are no anchors, aliases or tags: shared numbers live in a file of their own that others include.
That also disarms alias bombs before they unfold.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import yaml

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, Where, bare, nearest, shown
from sim.scenario.scalars import Scalar, ScalarError, plain

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
_CONTROL = re.compile("[^\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = Union[Scalar, "dict[str, Node]", "list[Node]"]


@dataclass(frozen=True)
class Node:
    """A value and where it was written: the line of its key, or of the list item."""

    value: Value
    where: Where

    def plain(self) -> Any:
        """The value without lines: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {k: v.plain() for k, v in self.value.items()}
        if isinstance(self.value, list):
            return [v.plain() for v in self.value]
        return self.value


def display(path: Path) -> str:
    """How messages name a file: relative to the current folder if it lies below."""
    full = os.path.abspath(path)
    here = os.getcwd()
    below = full == here or full.startswith(here.rstrip(os.sep) + os.sep)
    return Path(os.path.relpath(full, here)).as_posix() if below else full


def read(path: Path) -> Node:
    """The tree of a YAML file whose top level is a mapping."""
    return parse(_text(path), display(path))


def _fail(file: str, line: int, problem: Text, remedy: Text, path: str = "") -> ScenarioError:
    return ScenarioError([Fault(file, line, path, problem, remedy)])


def _text(path: Path) -> str:
    name = str(path) if "\0" in str(path) else display(path)
    try:
        if path.is_dir():
            raise _fail(
                name, 0, Message("this is a directory, not a file"), Message("Name a YAML file inside it.")
            )
        if not path.exists():
            raise _fail(name, 0, Message("there is no such file"), missing_remedy(path))
        if not path.is_file():
            raise _fail(name, 0, Message("this is not an ordinary file"), Message("Name a YAML file."))
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or Message("the name is not a possible file name")
        raise _fail(
            name,
            0,
            Message("cannot be read ({reason})", reason=reason),
            Message("Check the name and your rights to read it."),
        ) from None
    if len(raw) > MAX_BYTES:
        raise _fail(
            name,
            0,
            Message("larger than {max_bytes} MB", max_bytes=MAX_BYTES // 1_000_000),
            Message("Split it into files that include others."),
        )
    return _decoded(raw, name)


def missing_remedy(path: Path) -> Text:
    """What to do about a file that does not exist: the nearest name in its folder."""
    try:
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    except (OSError, ValueError):
        names = []
    near = nearest(path.name, names)
    if near:
        return Message("Did you mean {near}?", near=display(path.parent / near))
    return Message("Check the name and the folder.")


def _decoded(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = Message("Save the file as UTF-8 (in the editor: Save with encoding, UTF-8).")
        raise _fail(name, line, Message("not UTF-8 text"), remedy) from None
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        if found[0] == "\t":
            raise _fail(
                name,
                line,
                Message("a tab character, which YAML cannot indent with"),
                Message("Write spaces in its place."),
            )
        problem = Message("an invisible control character (code {found})", found=ord(found[0]))
        raise _fail(name, line, problem, Message("Delete it; if the file is not text, name another file."))
    if not text.strip():
        raise _fail(
            name,
            1,
            Message("the file is empty"),
            Message("Write the keys of the scenario, or name another file."),
        )
    return text


def parse(text: str, name: str) -> Node:
    """The tree of a YAML text; `name` is what messages call the file."""
    reader = _Reader(name, yaml.parse(text, Loader=_LOADER))
    try:
        node = reader.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None or "quoted" in str(getattr(error, "context", "")):  # where the quote was opened
            mark = getattr(error, "context_mark", None) or mark
        line = mark.line + 1 if mark else 1
        raise _fail(name, min(line, text.count("\n") + 1), *_syntax(error)) from None
    if reader.faults:
        raise ScenarioError(reader.faults)
    return node


def _syntax(error: yaml.YAMLError) -> tuple[Text, Text]:
    """Problem and remedy of a text that is not YAML."""
    found = str(getattr(error, "problem", None) or "unreadable text")
    context = str(getattr(error, "context", None) or "")
    problem: Text = f"'{found}'"
    if "mapping values are not allowed" in found:
        problem = Message("a colon where none may stand")
        remedy = Message("Text with a colon needs quotes; otherwise check the indentation.")
    elif "quoted scalar" in context:
        problem, remedy = Message("quotes are opened and not closed"), Message("Close the quotes.")
    elif "flow" in context:
        problem = Message("a bracket or brace is not closed, or a comma is missing")
        remedy = Message("Close the bracket or brace, and put commas between the entries.")
    elif "cannot start any token" in found:
        problem = Message("text begins with a character that YAML keeps for itself")
        remedy = Message("Put text that begins with a special character in quotes.")
    else:
        remedy = Message("Check indentation, colons and quotes on this line and the one above.")
    return Message("this is not YAML: {problem}", problem=problem), remedy


class _Reader:
    """Turns parser events into nodes; faults that allow reading on are collected in `faults`."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name = name
        self.events = events
        self.faults: list[Fault] = []

    def document(self) -> Node:
        """The one document of the file."""
        event = next(self.events)
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):  # nothing but comments
            raise _fail(
                self.name,
                1,
                Message("the file is empty"),
                Message("Write the keys of the scenario, or name another file."),
            )
        line = event.start_mark.line + 1
        if not isinstance(event, (yaml.MappingStartEvent, yaml.AliasEvent)):
            problem = Message("the top level is not a mapping of keys to values")
            raise _fail(
                self.name, line, problem, Message("Begin with a key and a colon, such as `name: my_place`.")
            )
        node = self.node(event, 1, (), line)
        next(self.events)  # end of the document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            problem = Message("a second document begins here (`---`)")
            raise _fail(
                self.name, event.start_mark.line + 1, problem, Message("Put it in a file of its own.")
            )
        return Node(node.value, Where(self.name, 1))

    def fault(self, line: int, path: tuple[str, ...], problem: Text, remedy: Text) -> None:
        """Note a fault and read on."""
        self.faults.append(Fault(self.name, line, ".".join(path), problem, remedy))

    def node(self, event: Any, depth: int, path: tuple[str, ...], line: int) -> Node:
        """The node that begins with `event`; `line` is that of its key."""
        here = event.start_mark.line + 1
        dotted = ".".join(path)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
            problem = Message(
                "anchors and aliases ({mark}{anchor}) are not allowed",
                mark=mark,
                anchor=bare(event.anchor),
            )
            remedy = Message(
                "Write the value out, or put what is shared in a file and name it under `include:`."
            )
            raise _fail(self.name, here, problem, remedy, dotted)
        if event.tag is not None:
            problem = Message("tags ({tag}) are not allowed", tag=bare(event.tag))
            raise _fail(
                self.name, here, problem, Message("Write the plain value; quotes make it text."), dotted
            )
        if depth > MAX_DEPTH:
            problem = Message("nested more than {max_depth} levels deep", max_depth=MAX_DEPTH)
            raise _fail(
                self.name, here, problem, Message("No scenario needs that; check brackets and indentation.")
            )
        where = Where(self.name, line)
        if isinstance(event, yaml.ScalarEvent):
            return Node(self.scalar(event, path, line), where)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self.sequence(depth, path), where)
        return Node(self.mapping(depth, path), where)

    def scalar(self, event: Any, path: tuple[str, ...], line: int) -> Scalar:
        """Quoted and block text is text; an unquoted word may be a number."""
        hidden = _CONTROL.search(event.value.replace("\t", " "))  # written as "\\e" in quotes
        if hidden:
            problem = Message("an invisible control character (code {found})", found=ord(hidden[0]))
            self.fault(line, path, problem, Message("Delete it."))
            return ""
        if event.style or not event.implicit[0]:  # None or "" for an unquoted word
            return str(event.value)
        try:
            return plain(event.value)
        except ScalarError as error:
            self.fault(line, path, error.problem, error.remedy)
            return 0

    def sequence(self, depth: int, path: tuple[str, ...]) -> list[Node]:
        """Items up to the end of the list."""
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1, (*path, str(len(items))), event.start_mark.line + 1))
        return items

    def mapping(self, depth: int, path: tuple[str, ...]) -> dict[str, Node]:
        """Entries up to the end of the mapping; the first of two equal keys counts."""
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self.key(event, depth, path, line)
            node = self.node(next(self.events), depth + 1, (*path, key), line)
            if key in entries:
                first = entries[key].where.line
                remedy = Message("Keep one of the two (the other is in line {first}).", first=first)
                self.fault(
                    line, (*path, key), Message("the key {key} is written twice", key=shown(key)), remedy
                )
            else:
                entries[key] = node
        return entries

    def key(self, event: Any, depth: int, path: tuple[str, ...], line: int) -> str:
        """A key as text; numbers, null, true and false are no keys."""
        if not isinstance(event, yaml.ScalarEvent):
            self.node(event, depth + 1, path, line)  # alias, tag and depth have messages of their own
            problem = Message("a key must be a word, not a list or a mapping")
            raise _fail(self.name, line, problem, Message("Write a word before the colon."), ".".join(path))
        word = self.node(event, depth, path, line).value
        if not event.style and event.value == "<<":
            problem = Message("merge keys (<<) are not allowed")
            raise _fail(
                self.name,
                line,
                problem,
                Message("Put what is shared in a file under `include:`."),
                ".".join(path),
            )
        if not isinstance(word, str):
            kind: Text = (
                Message("empty") if event.value == "" else Message("{word}, not a word", word=shown(word))
            )
            self.fault(
                line,
                path,
                Message("a key is {kind}", kind=kind),
                Message('Write a word, or quotes: "{event}".', event=bare(event.value)),
            )
        return str(event.value)
