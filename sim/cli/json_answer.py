"""Answers for programs: with `--json` a command prints one JSON document in place of what people read.

A command builds a plain structure and hands it to `answer`; what is in it, docs/json.md says.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.errors import keeping
from sim.language import Message, Phrase, Text
from sim.scenario.errors import UserError

if TYPE_CHECKING:
    from sim.scenario.parameter_draws import ParameterDraws
    from sim.scenario.place import Place

FOR_PROGRAMS = ("json", "answer", "xlsx")  # of the arguments; they decide nothing of an answer
SCHEMA_VERSION = 1  # a field may be added without a new one; none is renamed, moved or given another meaning


def printed(run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Run a command, print its answer if `--json` asks for one, and return its exit code.

    The answer takes the place of all that the command prints for people on the standard output. Where there is none,
    after bad input, a failure or an interruption, that stays empty.
    """
    if not getattr(args, "json", False):
        return run(args)
    if sys.stdout is None:
        raise UserError(Message("--json: the standard output is closed"))
    args.answer = None
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        code = run(args)
    if args.answer is not None:
        written = args.answer["written"]
        with keeping(written[0]) if written else contextlib.nullcontext():
            sys.stdout.buffer.write(text_of(args.answer).encode("utf-8", "backslashreplace"))
            sys.stdout.buffer.flush()
    return code


def answer(
    args: argparse.Namespace,
    found: Mapping[str, Any],
    *,
    warnings: Iterable[Text] = (),
    written: Iterable[Path | str] = (),
) -> None:
    """Keep what a command found for `printed`. `written` are the folders and files that it wrote."""
    args.answer = {
        "schema_version": SCHEMA_VERSION,
        "command": args.command,
        "answer": found,
        "warnings": [str(one) for one in warnings],
        "written": [Path(path) for path in written],
    }


def text_of(document: Mapping[str, Any]) -> str:
    """The document as text that ends with a line feed."""
    return json.dumps(plain(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(x: Any) -> Any:
    """The same in JSON's own types, with all digits: tables as lists of rows, null for what is no finite number."""
    if isinstance(x, Enum):
        return plain(x.value)
    if x is None or isinstance(x, str | bool | int):
        return x
    if isinstance(x, Phrase):
        return str(x)
    if isinstance(x, float):
        return float(x) if math.isfinite(x) else None
    if isinstance(x, Mapping):
        return {str(key): plain(value) for key, value in x.items()}
    if isinstance(x, date):
        return x.isoformat()
    if isinstance(x, Path):
        return shown(x)
    if hasattr(x, "model_dump"):
        return plain(x.model_dump(mode="json"))
    if dataclasses.is_dataclass(x):
        return {f.name: plain(getattr(x, f.name)) for f in dataclasses.fields(x)}
    if hasattr(x, "to_dict"):  # a table
        return plain(x.to_dict("records"))
    if hasattr(x, "tolist"):  # numbers and arrays of numpy
        return plain(x.tolist())
    return [plain(one) for one in x]


def shown(path: Path) -> str:
    """A path as it was given; below the working folder, from there."""
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return (path.relative_to(Path.cwd()) if inside else path).as_posix()


def about_place(place: Place) -> dict[str, Any]:
    """Name, titles and window of a place."""
    window = place.window
    return {
        "name": place.name,
        "title": {"en": place.title.en, "zh": place.title.zh},
        "window": {"start": window.start, "end": window.end},
    }


def about_parameters(place: Place, draws: ParameterDraws | None) -> dict[str, Any]:
    """Whether parameters come from a posterior, and the readings of the record that they are for."""
    readings = [reading for reading, _, _ in draws.parts] if draws else [place.recording.reading]
    return {"calibrated": draws is not None, "readings": readings}
