"""The command line. Exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import import_module

from sim.cli.parser import build_parser
from sim.language import default, said_by, shown, tr, use

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def spelt_out(text: str) -> str:
    """`-screening` as `practice-screening`: the parser would take it for an option, and no option looks so."""
    return f"practice{text}" if re.fullmatch(r"-[a-z]\w[^ ]*", text) else text


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if argv is None else argv
    args = build_parser().parse_args([spelt_out(text) for text in given])
    args.typed = ("disputes", *given)
    try:
        language = vars(args).pop("lang", None) or default()
    except ValueError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    command = import_module(f"sim.cli.{args.module}")
    from sim.cli.errors import user_errors
    from sim.cli.machine import printed
    from sim.scenario.errors import ScenarioError

    try:
        with use(language):
            try:
                return printed(command.run, args)
            except user_errors() as error:
                said = error.said() if isinstance(error, ScenarioError) else shown(said_by(error))
                print(said, file=sys.stderr)
                return BAD_INPUT
            except KeyboardInterrupt:
                print(tr("interrupted"), file=sys.stderr)
                return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has gone, as with `| head`
        sys.stderr.close()
        return OK
