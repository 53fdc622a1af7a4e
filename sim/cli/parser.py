"""The parser of the table of commands. No heavy import here: `--help` must answer at once."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable
from typing import Any, NoReturn

from sim import __version__
from sim.cli.commands import COMMANDS as TABLE
from sim.cli.commands import COMPLETION
from sim.cli.commands.option import CODES
from sim.cli.helping import Formatter
from sim.language import LANGUAGES, VARIABLE, marked, tr, tr_as

COMMANDS = tuple(command.name for command in TABLE)

EXIT_CODES = {
    0: marked("done"),
    1: marked("a check failed, or a computation could not be finished"),
    2: marked("bad input; one message says what is wrong and what would be right"),
    130: marked("interrupted; what is finished is kept"),
}
XLSX = marked("the answer as an Excel workbook, too: tables, numbers with their sources, how to reproduce")
JSON = marked("print the answer as one JSON document, for programs (docs/json.md)")


class Parser(argparse.ArgumentParser):
    """argparse with the nearest name in its complaints."""

    near = ""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, suggest the nearest name, exit with code 2."""
        hint = tr(" Did you mean '{near}'?", near=self.near) if self.near else ""
        see = tr(
            "{program}: {problem}.{hint} See: {program} --help", program=self.prog, problem=message, hint=hint
        )
        self.exit(2, f"{see}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            self.near = _nearest(str(value), map(str, action.choices))
        super()._check_value(action, value)

    def parse_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As argparse has it, but what a command does not know that command complains about."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = self.commands().get(getattr(found, "command", ""), self)
            option = unknown[0].partition("=")[0]
            parser.near = _nearest(option, sorted(parser.options())) if option.startswith("--") else ""
            parser.error(tr("unrecognized arguments: {words}", words=" ".join(unknown)))
        return found

    def commands(self) -> dict[str, Parser]:
        """The parsers of the commands of this parser."""
        found: dict[str, Parser] = {}
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                found |= action.choices
        return found

    def options(self) -> set[str]:
        """The long options of this parser."""
        return {o for action in self._actions for o in action.option_strings if o.startswith("--")}


def _nearest(word: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word, list(known), 1)), "")


def _for_all(parser: argparse.ArgumentParser, **default: Any) -> None:
    """Options that every command has; they may stand before it."""
    said = tr("of labels (default: the variable {variable}, else en)", variable=VARIABLE)
    parser.add_argument("--lang", choices=LANGUAGES, help=said, **default)
    parser.add_argument("--json", action="store_true", help=tr(JSON), **default)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands, with its texts in the language in use."""
    about = tr("Simulate how the disputes of a Chinese county end: on the doorstep, in mediation, in court.")
    codes = tr(CODES)
    parser = Parser(prog="run_sim.py", formatter_class=Formatter, description=about, epilog=codes)
    version = f"village-disputes {__version__}"
    said = tr("show program's version number and exit")
    parser.add_argument("--version", action="version", version=version, help=said)
    _for_all(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar=tr_as("argument", "COMMAND"))
    for command in TABLE:
        about = tr(command.about)
        example = tr("example: {command}", command=command.example)
        sub = commands.add_parser(
            command.name,
            help=about,
            description=about,
            formatter_class=Formatter,
            epilog=f"{example}\n{codes}",
        )
        sub.set_defaults(module=command.source)
        if command.name != COMPLETION:
            _for_all(sub, default=argparse.SUPPRESS)  # what stands before the command holds
            if command.function:
                sub.add_argument("--xlsx", metavar=tr_as("argument", "FILE"), help=tr(XLSX))
        for option in command.options:
            option.add_to(sub)
    return parser
