"""`run`: simulate a place, or an experiment, and write a result folder."""

from __future__ import annotations

import argparse
import functools

from sim.cli.perform import asked, perform, shown, work_for
from sim.show.text.run import print_cost
from sim.show.text.study import print_study
from sim.studies.dry_run import cost_of
from sim.studies.run import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    given = asked(args)
    dry_run = given.pop("dry_run")
    chosen = plan(**given)
    if dry_run:
        with work_for(args) as work:
            return shown(args, cost_of(chosen, work.executor.workers), print_cost)
    return perform(args, chosen, functools.partial(print_study, show_all=args.all))
