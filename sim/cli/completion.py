"""`completion`: a script that teaches a shell the commands and options."""

from __future__ import annotations

import argparse
import sys

import shtab

from sim.cli import OK
from sim.cli.parser import build_parser


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    sys.stdout.write(script(args.shell, args.program))
    return OK


def script(shell: str, program: str = "disputes") -> str:
    """For bash, zsh or tcsh, and for the program by that name."""
    parser = build_parser()
    parser.prog = program
    return str(shtab.complete(parser, shell=shell)) + "\n"
