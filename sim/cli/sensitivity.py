"""`sensitivity`: which parameters move which outcome, and which the choice between policies."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.sensitivity import print_sensitivity
from sim.studies.sensitivity import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_sensitivity)
