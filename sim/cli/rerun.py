"""`rerun`: do again what a manifest describes, and say whether the same comes out."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.rerun import print_rerun
from sim.studies.rerun import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_rerun)
