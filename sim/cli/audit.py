"""`audit`: how many closed files to ring, and what their parties' answers tell of the record."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform
from sim.show.text.audit import print_audit
from sim.studies.audit import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return perform(args, plan(**asked(args)), print_audit)
