"""`predict`: figures that no fit has seen, predicted by calibrated places."""

from __future__ import annotations

import argparse

from sim.cli.perform import asked, perform, shown
from sim.language import shown as in_words
from sim.show.text.console import console
from sim.show.text.predict import print_predictions
from sim.studies.predict import Predicted, plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen, err = plan(**asked(args)), console(error=True)
    for said in map(in_words, chosen.without):
        err.print(said)
    if not chosen.chosen:
        return shown(args, Predicted((), chosen.without, chosen.seed, chosen.key), print_predictions)
    return perform(args, chosen, print_predictions, below=True)
