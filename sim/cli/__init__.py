"""The command line. Exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from sim.cli.parser import build_parser

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class UserError(Exception):
    """Something the user can mend; the message says how."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(argv)
    command = import_module(f"sim.cli.{args.module}")
    from sim.cli.errors import user_errors

    try:
        code: int = command.run(args)
        return code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has gone, as with `| head`
        sys.stderr.close()
        return OK
    except user_errors() as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
