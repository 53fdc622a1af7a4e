"""`before-after`: what a county sees when a policy starts on a date, and what it would have seen without it."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.before_after import print_changes
from sim.studies.before_after import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_changes)
