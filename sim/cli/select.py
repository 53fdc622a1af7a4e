"""`select`: the best of several policies, with a stated probability, or for a fixed budget of replications."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.select import print_selection
from sim.studies.select import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_selection)
