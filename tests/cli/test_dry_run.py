"""`--dry-run` says how much would be run, and runs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.studies.calibration.fit import TIMES, Effort
from tests.cli.terminal import run_cli

EFFORT = Effort().scaled(0.1)
CALIBRATION = EFFORT.prior + EFFORT.waves * EFFORT.wave + EFFORT.particles
CALIBRATION += max(EFFORT.last, EFFORT.rounds * EFFORT.wave + TIMES * EFFORT.repeated)


@pytest.mark.parametrize(
    ("words", "replications", "at_most"),
    [
        (("compare", "daliu", "+whistle", "--draws", "5", "--replications", "4"), 2 * (5 * 4 + 20), False),
        (("optimise", "daliu", "whistle", "--yuan", "100", "--evaluations", "30"), 30 * (20 + 60), True),
        (("calibrate", "daliu", "--effort", "0.1", "--reading", "proportional"), CALIBRATION, True),
    ],
)
def test_nothing_is_run_and_the_number_is_said(
    tmp_path: Path, words: tuple[str, ...], replications: int, at_most: bool
) -> None:
    found = run_cli(tmp_path, *words, "--dry-run", "--json")
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    answer = told.get("answer", told)
    assert (answer["dry_run"], answer["replications"], answer["at_most"]) == (True, replications, at_most)
    assert answer["seconds"] > 0 and answer["memory_bytes"] > 0
    assert not (tmp_path / "results").exists()
