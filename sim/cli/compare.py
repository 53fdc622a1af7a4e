"""`compare`: policies on the same disputes, or an experiment that compares."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.compare import print_comparison
from sim.studies.compare import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_comparison)
