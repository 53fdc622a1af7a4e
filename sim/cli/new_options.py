"""Options of `new`."""

from __future__ import annotations

import argparse

from sim.cli.argument_types import at_least_one


def new_options(sub: argparse.ArgumentParser) -> None:
    """Add one option for each figure, and where to write."""
    sub.add_argument("--figures", metavar="CSV", help="a table with the columns figure,value[,source]")
    sub.add_argument("--name", help="short name: a-z, 0-9 and _")
    sub.add_argument("--title-en", metavar="TEXT", help="English name")
    sub.add_argument("--title-zh", metavar="TEXT", help="Chinese name")
    for figure, what in (
        ("villages", "villages and communities"),
        ("persons", "inhabitants"),
        ("townships", "townships (default: the national mean of villages to a township)"),
        ("mediators", "mediators of all committees (default: national mean)"),
        ("mediated", "disputes mediated in the window"),
        ("succeeded", "of these with success"),
    ):
        sub.add_argument(f"--{figure}", metavar="N", help=what)
    sub.add_argument("--rate", metavar="PERCENT", help="success rate as printed, in place of --succeeded")
    sub.add_argument("--start", metavar="DATE", help="first day of the window (default: the last full year)")
    sub.add_argument("--end", metavar="DATE", help="last day of the window")
    sub.add_argument("--source", metavar="TEXT", help="title of the report")
    sub.add_argument("--url", metavar="URL", help="where it stands")
    sub.add_argument("--out", metavar="FILE", help="the place file (default NAME.yaml); never overwritten")
    sub.add_argument("--no-run", action="store_true", help="write the file only")
    sub.add_argument(
        "--replications", type=at_least_one, default=40, metavar="N", help="of the first run (40)"
    )
    sub.add_argument("--no-figures", action="store_true", help="the first run writes tables only")
