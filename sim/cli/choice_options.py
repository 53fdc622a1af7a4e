"""Options of the commands that choose between policies: `select` and `optimise`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sim.cli.argument_types import at_least_one, at_least_two, percentage, positive, whole

OVERWRITE = "replace the results of another command in --out"
Parser = argparse.ArgumentParser


def choice_commands(
    command: Callable[[str, str, str], Parser],
    policies: Callable[[Parser, str], None],
    posterior: Callable[[Parser], None],
) -> None:
    """Add both; `policies` and `posterior` add the options of all commands that take policies, or draws."""
    select = command(
        "select",
        "the best of several policies, with a stated probability",
        "run_sim.py select daliu +whistle +judge_liaison -screening --delta 5",
    )
    policies(select, "a place")
    select.add_argument("--objective", default="days_in_conflict_per_1000", metavar="METRIC")
    select.add_argument("--higher", action="store_true", help="higher is better (default: lower)")
    select.add_argument(
        "--delta", type=positive, metavar="X", help="differences below this do not matter (indifference zone)"
    )
    select.add_argument(
        "--alpha", type=percentage, default=0.05, help="probability of being wrong (default 5%%)"
    )
    select.add_argument(
        "--budget", type=at_least_one, metavar="N", help="spend N replications in all, in place of --delta"
    )
    select.add_argument("--most", type=at_least_one, metavar="N", help="give up after N replications in all")
    select.add_argument(
        "--batch", type=at_least_one, default=5, metavar="N", help="replications in a batch (5)"
    )
    posterior(select)
    select.add_argument("--workers", type=at_least_one, metavar="N", help="processes (default: all cores)")

    optimise = command(
        "optimise",
        "the best mixes of mechanisms and staff under a budget",
        "run_sim.py optimise liucheng whistle judge_liaison judges:0:4 --yuan 2000000",
    )
    optimise.add_argument("place", help="a place")
    optimise.add_argument(
        "choices",
        nargs="*",
        metavar="CHOICE",
        help="mechanisms, and staff with a range such as judges:-2:10 (default: every mechanism it lacks)",
    )
    optimise.add_argument("--baseline", default="practice", metavar="POLICY", help="what is there already")
    optimise.add_argument("--yuan", type=positive, metavar="X", help="budget in yuan a year, hours priced")
    optimise.add_argument("--hours", type=positive, metavar="X", help="budget in staff hours a year")
    optimise.add_argument(
        "--objectives", default="days_in_conflict_per_1000,filings_per_10000,eruptions", metavar="A,B"
    )
    optimise.add_argument(
        "--replications", type=at_least_two, default=20, metavar="N", help="of each mix (20)"
    )
    optimise.add_argument("--fresh", type=at_least_two, default=60, metavar="N", help="to look again (60)")
    optimise.add_argument(
        "--evaluations", type=at_least_one, default=200, metavar="N", help="mixes at most (200)"
    )
    posterior(optimise)
    optimise.add_argument("--prices", metavar="FILE", help="yuan per hour (default: assumed)")
    optimise.add_argument("--seed", type=whole, default=1)
    optimise.add_argument("--out", metavar="FOLDER")
    optimise.add_argument("--workers", type=at_least_one, metavar="N", help="processes (default: all cores)")
    optimise.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    optimise.add_argument("--no-figures", action="store_true", help="write tables only")
