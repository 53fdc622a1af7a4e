"""`diff`: compare two results."""

from __future__ import annotations

import argparse
import functools

from sim.cli.perform import asked, shown
from sim.show.text.diff import print_diff
from sim.studies.diff import diff


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return shown(args, diff(**asked(args)), functools.partial(print_diff, show_all=args.all))
