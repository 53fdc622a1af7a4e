"""What `compare` answers to programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.cli.machine import about_parameters, about_place
from sim.scenario.comparison import Design
from sim.show.text.compare import left_out_of
from sim.studies.answer import Answer

NAMED = {"readings": "readings_of_record"}  # `readings` are those that an answer is for


def comparison_found(answers: Sequence[Answer], design: Design) -> dict[str, Any]:
    """All tables of all places, under the names of their files."""
    comparison = design.comparison
    return {
        "design": "comparison",
        "name": comparison.name,
        "title": comparison.title,
        "seed": comparison.seed,
        "draws": design.draws,
        "replications": comparison.replications,
        "objective": comparison.objective,
        "places": [_of_place(one, design) for one in answers],
    }


def _of_place(one: Answer, design: Design) -> dict[str, Any]:
    place, decision = one.place.cells[0].place, one.decision
    return {
        "place": about_place(place),
        "baseline": one.place.labels[0],
        "policies": one.place.labels[1:],
        **about_parameters(place, one.place.cells[0].posterior if design.draws > 1 else None),
        **{NAMED.get(name, name): frame for name, frame in one.tables().items()},
        "decision": {
            "draws": decision.draws,
            "same_best": decision.same_best,
            "rank_correlation": decision.tau,
            "worth_of_knowing_parameters": max(0.0, decision.perfect),
            "worth_estimate": decision.perfect,
            "worth_se": decision.error[decision.regret.argmin()],
        },
        "left_out": [
            {"policy": policy, "why": why}
            for (name, policy), why in left_out_of([one], design).items()
            if name == place.name
        ],
        "impossible_draws": one.place.impossible,
    }
