"""Options of the commands about calibration."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sim.cli.argument_types import at_least_one, at_least_two, parts, positive, whole

Parser = argparse.ArgumentParser


def calibration_commands(
    command: Callable[[str, str, str], Parser], computing: Callable[[Parser], None]
) -> None:
    """Add `calibrate`, `check` and `predict`; `computing` adds the options of all that compute."""
    calibrate = command(
        "calibrate",
        "parameter draws that agree with what a place reported",
        "run_sim.py calibrate daliu liucheng --seed 1",
    )
    calibrate.add_argument("places", nargs="+", metavar="PLACE", help="places by name, or scenario files")
    calibrate.add_argument("--reading", choices=("both", "proportional", "target_driven"), default="both")
    calibrate.add_argument("--seed", type=whole, default=1, help="seed of all luck (default 1)")
    calibrate.add_argument(
        "--effort",
        type=positive,
        default=1.0,
        metavar="X",
        help="X times the usual number of replications (1)",
    )
    calibrate.add_argument(
        "--draws", type=at_least_two, default=200, metavar="N", help="parameter draws that are kept (200)"
    )
    calibrate.add_argument(
        "--repeats",
        type=at_least_one,
        default=50,
        metavar="N",
        help="replications of each kept draw, for `check` (50)",
    )
    calibrate.add_argument(
        "--parts",
        type=parts,
        default=1,
        metavar="N|auto",
        help="simulate one of N equal parts of a large place in its stead, and measure the bias (default 1)",
    )
    calibrate.add_argument(
        "--joint", action="store_true", help="then pool the places, and foretell each from the others"
    )
    calibrate.add_argument("--out", metavar="FOLDER", help="where tables go (default results)")
    calibrate.add_argument("--no-figures", action="store_true", help="write tables only")
    computing(calibrate)

    check = command(
        "check",
        "whether calibrated places still give their reported figures (for CI)",
        "run_sim.py check --junit check.xml",
    )
    check.add_argument("places", nargs="*", metavar="PLACE", help="default: every place with a posterior")
    check.add_argument("--seed", type=whole, default=1, help="seed of the luck; none may matter (default 1)")
    check.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML, too")
    check.add_argument("--github", action="store_true", help="print failures as annotations for GitHub, too")
    computing(check)

    predict = command(
        "predict",
        "figures that no fit has seen, foretold by calibrated places",
        "run_sim.py predict jiang daliu",
    )
    predict.add_argument("places", nargs="*", metavar="PLACE", help="default: every place with a posterior")
    predict.add_argument("--posterior", default="auto", metavar="auto|FILE", help="of one place")
    predict.add_argument("--seed", type=whole, default=1, help="seed of all luck (default 1)")
    predict.add_argument("--out", metavar="FOLDER", help="where the table goes (default results)")
    computing(predict)
