"""`optimise`: the best mixes of mechanisms and staff under a budget."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.optimise import print_optimised
from sim.studies.optimise import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_optimised)
