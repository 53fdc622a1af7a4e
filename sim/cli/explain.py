"""`explain`: every parameter of a place with value, unit, range, status and source."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, shown
from sim.show.text.explain import print_explanation
from sim.studies.explain import explain


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return shown(args, explain(**asked(args)), print_explanation)
