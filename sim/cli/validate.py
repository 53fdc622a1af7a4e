"""`validate`: check scenario files, every file and every error at once."""

from __future__ import annotations

import argparse

from sim.cli import BAD_INPUT
from sim.cli.perform import asked, shown
from sim.show.text.validate import print_validation
from sim.studies.validate import validate


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return shown(args, validate(**asked(args)), print_validation, failed=BAD_INPUT)
