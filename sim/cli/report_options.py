"""Options of `report`."""

from __future__ import annotations

import argparse

from sim.cli.argument_types import whole


def report_options(sub: argparse.ArgumentParser) -> None:
    """Add them."""
    sub.add_argument("folder", help="a result folder of any command")
    sub.add_argument("--out", metavar="FILE", help="default: FOLDER/report.html")
    sub.add_argument("--seed", type=whole, default=1, help="of the replay (default 1)")
    sub.add_argument("--no-replay", action="store_true", help="leave the map out")
    sub.add_argument("--overwrite", action="store_true", help="replace a file at --out that is no report")
