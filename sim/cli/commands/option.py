"""What an option and a command are. No heavy import here: `--help` must answer at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.language import current, marked, tr, tr_as

CODES = marked("exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted")
OVERWRITE = marked("replace the results of another command in --out")


@dataclass(frozen=True)
class Option:
    """One argument of a command.

    `flag` is as it is typed, `--seed` or, without dashes, a position; `name` is the parameter of the public function
    (default: the flag with underscores). Options of `shown` only concern where an answer goes and how it looks: the
    function does not have them, its answer has methods instead.
    """

    flag: str
    about: str | None = None
    parse: Callable[[str], Any] | None = None
    default: Any = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    count: Literal["one", "*", "+", "?"] = "one"
    repeat: bool = False
    switch: bool = False
    required: bool = False
    name: str = ""
    shown: bool = False

    @property
    def positional(self) -> bool:
        """Whether it is named by its position."""
        return not self.flag.startswith("-")

    @property
    def parameter(self) -> str:
        """The parameter of the public function."""
        return self.name or self.flag.lstrip("-").replace("-", "_")

    def typed(self, value: Any) -> list[str]:
        """The words that give it this value; none for its default. A position is in front of all flags."""
        every = value if isinstance(value, list | tuple) else [value]
        if self.positional:
            return [str(one) for one in every if one is not None]
        if self.switch:
            return [self.flag] if value else []
        if value == self.default:
            return []
        return [f"{self.flag}={one}" for one in every]

    @property
    def placeholder(self) -> str | None:
        """What stands for its value in `--help`; None where its choices do."""
        if self.metavar or self.choices or self.switch:
            return self.metavar
        return self.flag if self.positional else self.parameter.upper()

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Make it an argument of a parser."""
        given: dict[str, Any] = {"help": tr(self.about) if self.about else None}
        if not self.positional:
            given["dest"] = self.parameter
        if self.required:
            given["required"] = True
        if self.switch:
            parser.add_argument(self.flag, action="store_true", **given)
            return
        if self.placeholder and (self.metavar or not self.positional or current() != "en"):
            given["metavar"] = tr_as("argument", self.placeholder)
        if self.repeat:
            parser.add_argument(self.flag, action="append", default=[], **given)
            return
        if self.count != "one":
            given["nargs"] = self.count
        if self.choices:
            given["choices"] = self.choices
        if self.parse is not None:
            given["type"] = self.parse
        if self.default is not None:
            given["default"] = self.default
        parser.add_argument(self.flag, **given)


@dataclass(frozen=True)
class Command:
    """A verb of the command line: what `--help` says of it, its options, and the module that answers it.

    `function` is its name in the public interface, empty for what makes sense in a shell only.
    """

    name: str
    about: str
    example: str
    options: tuple[Option, ...]
    module: str = ""
    function: str = ""

    @property
    def source(self) -> str:
        """The module of `sim.cli` that runs it."""
        return self.module or self.name.replace("-", "_")

    def typed(self, given: Mapping[str, Any]) -> list[str]:
        """The command with the options that the function has, as somebody types them who asks the same."""
        options = sorted(self.asked, key=lambda option: not option.positional)
        return [self.name, *(word for o in options for word in o.typed(given.get(o.parameter, o.default)))]

    @property
    def asked(self) -> tuple[Option, ...]:
        """The options that the public function has, too."""
        return tuple(option for option in self.options if not option.shown)
