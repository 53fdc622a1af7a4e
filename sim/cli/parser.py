"""The parser of the table of commands. No heavy import here: `--help` must answer at once."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import Any, NoReturn

from sim import __version__
from sim.cli.commands import COMMANDS as TABLE
from sim.cli.commands import COMPLETION
from sim.cli.commands.option import CODES
from sim.language import LANGUAGES, VARIABLE, Message

COMMANDS = tuple(command.name for command in TABLE)

EXIT_CODES = {
    0: "done",
    1: "a check failed, or a computation could not be finished",
    2: "bad input; one message says what is wrong and what would be right",
    130: "interrupted; what is finished is kept",
}
XLSX = "the answer as an Excel workbook, too: tables, numbers with their sources, how to reproduce"
JSON = "print the answer as one JSON document, for programs (docs/json.md)"


class Parser(argparse.ArgumentParser):
    """argparse with the nearest name in its complaints."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, suggest the nearest name, exit with code 2."""
        wrong = re.search(r"invalid choice: '([^']*)'", message)
        named = re.search(r"\(choose from (.*)\)", message)
        words = re.findall(r"[\w-]+", named.group(1)) if named else list(COMMANDS)
        option = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        if option:
            wrong, words = option, sorted(self.options())
        near = difflib.get_close_matches(wrong.group(1), words, 1) if wrong else []
        hint = Message(" Did you mean '{near}'?", near=near[0]) if near else ""
        self.exit(2, f"{self.prog}: {message}.{hint} See: {self.prog} --help\n")

    def parse_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As argparse has it, but what a command does not know that command complains about."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = self.commands().get(getattr(found, "command", ""), self)
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
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


def _for_all(parser: argparse.ArgumentParser, **default: Any) -> None:
    """Options that every command has; they may stand before it."""
    said = f"of labels (default: the variable {VARIABLE}, else en)"
    parser.add_argument("--lang", choices=LANGUAGES, help=said, **default)
    parser.add_argument("--json", action="store_true", help=JSON, **default)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="run_sim.py",
        formatter_class=raw,
        description="Simulate how the disputes of a Chinese county end: on the doorstep, in mediation, in court.",
        epilog=CODES,
    )
    parser.add_argument("--version", action="version", version=f"village-disputes {__version__}")
    _for_all(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in TABLE:
        epilog = f"example: {command.example}\n{CODES}"
        sub = commands.add_parser(
            command.name,
            help=command.about,
            description=command.about,
            formatter_class=raw,
            epilog=epilog,
        )
        sub.set_defaults(module=command.source)
        if command.name != COMPLETION:
            _for_all(sub, default=argparse.SUPPRESS)  # what stands before the command holds
            if command.function:
                sub.add_argument("--xlsx", metavar="FILE", help=XLSX)
        for option in command.options:
            option.add_to(sub)
    return parser
