"""`list`: places, policies, experiments, mechanisms, metrics."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, shown
from sim.show.text.listing import print_listing
from sim.studies.listing import listing


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return shown(args, listing(**asked(args)), print_listing)
