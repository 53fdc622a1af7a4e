"""`trace`: one dispute's story in sentences."""

from __future__ import annotations

import argparse

import numpy as np

from sim.cli import OK
from sim.draws import Draws
from sim.engines.choose import choose_engine, simulator
from sim.experiments.estimate import expected_disputes
from sim.export.story import story
from sim.model import build
from sim.scenario.load import load_place
from sim.scenario.policies import parse


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    place = load_place(args.place, args.sets)
    model = build(place, None if args.policy is None else parse(args.policy, place))
    engine = choose_engine(args.engine, expected_disputes(model))
    trace = simulator(engine)(model, Draws(args.seed, args.replication))
    dispute = args.dispute
    if dispute is None:
        who = trace.column("dispute")
        dispute = int(np.argmax(np.bincount(who[who >= 0]))) if len(who) else 0
    print(f"{place.title.en} {place.title.zh}, seed {args.seed}, replication {args.replication}")
    print(f"trace of {len(trace.rows):,} rows, digest {trace.digest()[:16]}")
    print("\n".join(story(trace, model, dispute)))
    return OK
