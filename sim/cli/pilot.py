"""`pilot`: which trial of a policy could show its effect."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.pilot import print_trials
from sim.studies.pilot import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_trials)
