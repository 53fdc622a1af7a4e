"""What `calibrate` answers to programs."""

from __future__ import annotations

from typing import Any

from sim.cli.machine import about_place
from sim.studies.calibration.together import Together
from sim.studies.calibration.whole import Calibration


def calibration_found(found: Calibration) -> dict[str, Any]:
    """All tables of a place under the names of their files, and what was found under each reading."""
    factor, se = found.log_bayes_factor
    return {
        "place": about_place(found.place),
        "replications": found.replications,
        "by_reading": {
            name: {
                "posterior": len(r.draws) > 0,
                "effective_sample_size": r.fit.weighted.ess,
                "tail_index": r.fit.weighted.k,
                "log_evidence": r.fit.weighted.log_evidence,
                "log_evidence_se": r.fit.weighted.log_evidence_se,
                "true_success_rate": r.draws.about["true_success_rate"],
                "complaints": r.complaints,
            }
            for name, r in found.readings.items()
        },
        "log_bayes_factor": factor,
        "log_bayes_factor_se": se,
        **found.tables(),
    }


def joint_found(found: Together) -> dict[str, Any]:
    """What places say together."""
    return {"shrinkage": found.shrinkage, "left_out": found.foretold}
