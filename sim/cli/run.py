"""`run`: simulate a place, or an experiment, and write a result folder."""

from __future__ import annotations

import argparse
import functools

from sim.cli.perform import asked, costed, perform
from sim.show.text.study import print_study
from sim.studies.run import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    given = asked(args)
    dry_run = given.pop("dry_run")
    chosen = plan(**given)
    if dry_run:
        return costed(args, chosen)
    return perform(args, chosen, functools.partial(print_study, show_all=args.all))
