"""The command line. Exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from sim.cli import stopping, streams
from sim.cli.helping import asked_language, speaking
from sim.cli.parser import build_parser
from sim.language import Message, default, said_by, shown, tr, use

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def spelt_out(text: str) -> str:
    """`-screening` as `practice-screening`: the parser would take it for an option, and no option looks so."""
    return f"practice{text}" if re.fullmatch(r"-[a-z]\w[^ ]*", text) else text


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    streams.prepare()
    given = sys.argv[1:] if argv is None else argv
    impossible = _impossible(given)
    if impossible:
        streams.complain(str(impossible))
        return BAD_INPUT
    try:
        language = asked_language(given) or default()
    except ValueError as error:
        streams.complain(str(error))
        return BAD_INPUT
    with use(language), speaking():
        args = build_parser().parse_args([spelt_out(text) for text in given])
    language = vars(args).pop("lang", None) or language  # an option may be shortened: `--la zh`
    with use(language), stopping.in_order():
        return _run(args)


def _impossible(given: Sequence[str]) -> Message | None:
    """Why nothing can be asked in this way: an argument that is no text, or a working folder that is gone."""
    for text in given:
        if any("\ud800" <= c <= "\udfff" or c == "\x00" for c in text):
            return Message("'{text}' is not text in the encoding of this system; write it anew", text=text)
    try:
        Path.cwd()
    except OSError:
        return Message("the current folder does not exist any more, or may not be entered; change to another")
    return None


def _run(args: argparse.Namespace) -> int:
    """Run the command that was parsed; what goes wrong with it is one message and an exit code."""
    from sim.cli.errors import Unwritten, output_failed, said_of, user_errors
    from sim.scenario.errors import ScenarioError

    try:
        command = import_module(f"sim.cli.{args.module}")
        from sim.cli.json_answer import printed

        if getattr(args, "xlsx", None):
            import_module("sim.cli.spreadsheet").check(Path(args.xlsx))
        code = printed(command.run, args)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except user_errors() as error:
        streams.complain(error.said() if isinstance(error, ScenarioError) else shown(said_by(error)))
        return BAD_INPUT
    except Unwritten as error:
        if error.output:
            streams.abandon()
        streams.complain(shown(said_by(error)))
        return FAILED
    except KeyboardInterrupt:
        streams.complain(tr("interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has gone, as with `| head`
        streams.abandon()
        sys.stderr.close()
        return OK
    except MemoryError:
        streams.complain(tr("the memory of this computer does not suffice; what was finished is kept"))
        return FAILED
    except OSError as error:  # before any work, or a command that does none
        if output_failed(error):
            streams.abandon()
        streams.complain(shown(said_of(error)))
        return BAD_INPUT
