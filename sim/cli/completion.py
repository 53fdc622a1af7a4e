"""`completion`: a script that teaches a shell the commands, options and names."""

from __future__ import annotations

import argparse
import re
import sys

import shtab

from sim.cli import OK
from sim.cli.completing import bash_tail, equip, preamble
from sim.cli.parser import build_parser


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    sys.stdout.write(script(args.shell, args.program))
    return OK


def script(shell: str, program: str = "disputes") -> str:
    """For bash, zsh or tcsh, and for the program by that name."""
    name = re.sub(r"\W", "_", program)
    parser = build_parser()
    parser.prog = program
    equip(parser, shell, name)
    text = str(shtab.complete(parser, shell=shell, root_prefix=name, preamble=preamble(shell, name)))
    if shell == "zsh":  # what may be repeated is completed every time, not only once
        text = re.sub(r'"\(\*\)::?', '"*:', text)
    return text + (bash_tail(parser, name, program, f"_shtab_{name}") if shell == "bash" else "\n")
