"""A call-back that goes back into a posterior: draws by Bayes' rule, odds, provenance, and what is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.runs.posterior import load
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.shipped import shipped_root
from sim.statistics.call_back import odds
from sim.statistics.preposterior import binomial
from sim.studies.observe.plan import call_back_in, odds_of, plan
from sim.studies.posteriors import draws_for, told_since
from sim.studies.study import working
from tests.cli.terminal import run_cli

HEARD = "call_back=7/8"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small posterior of Daliu: some draws of the one that comes with the program."""
    whole = load(shipped_root() / "posteriors" / "daliu.json")
    few = {
        name: replace(r, scores=r.scores[:24], about={**r.about, "ess": 24.0, "selectivity": None})
        for name, r in whole.readings.items()
    }
    where = tmp_path / "scenarios" / "posteriors"
    where.mkdir(parents=True)
    replace(whole, readings=few, about={**whole.about, "repeats": 2}).save(where / "daliu.json")
    return tmp_path


def test_draws_are_taken_by_how_well_they_foretold_the_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    file = Path("scenarios/posteriors/daliu.json")
    before = load(file)
    asked = plan("daliu", HEARD)
    with working(executor="serial", store=folder / "store") as work:
        heard = asked.audit.carry_out(work)
    done = run_cli(folder, "calibrate", "daliu", "--observed", HEARD, "--executor", "serial")
    assert done.returncode == 0, done.stderr
    assert "7 of 8 parties said" in done.stdout
    after = load(file)
    rows = np.flatnonzero(heard.place.counted) // 2
    for number, reading in enumerate(("proportional", "target_driven")):
        mine = heard.files.reading == number
        logs = binomial(np.array([7]), 8, heard.files.chance)[0][mine]
        weights = np.exp(logs) / np.exp(logs).sum()
        old, new = before.readings[reading], after.readings[reading]
        assert len(new) == len(old)
        times = np.array([(new.scores == old.scores[row]).all(axis=1).sum() for row in rows[mine]])
        assert times.sum() == len(new)
        assert (np.abs(times - len(new) * weights) < 1.0).all()  # systematic: as often as expected, rounded
        assert new.about["ess"] <= old.about["ess"]
        assert new.about["pinned"] != old.about["pinned"]
        assert "selectivity" not in new.about  # its weights knew nothing of the answers
    (told,) = after.about["observed"]
    assert told["odds"] == pytest.approx(odds(7, 8, heard.files.by_reading()), rel=1e-4)
    assert odds_of(before) == 1.0 and odds_of(after) == told["odds"]
    assert told["of"] == hashlib.sha256(before.text().encode()).hexdigest()
    assert load(file.with_name("daliu.json.previous")).text() == before.text()
    manifest = json.loads((folder / "results/calibrate-daliu-observed/manifest.json").read_text("utf-8"))
    assert manifest["of"] == "observed"
    twice = run_cli(folder, "calibrate", "daliu", "--observed", HEARD)
    assert twice.returncode == 2 and "already" in twice.stderr
    place = load_place("daliu")
    (said,) = told_since("daliu", draws_for("daliu", place, ()))
    assert "7 of 8 parties" in str(said) and "odds" in str(said)
    assert told_since("daliu", before.draws()) == []  # of other draws nothing is said


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("call_back=9/8", "cannot be"),
        ("call_back=eight", "YES/ASKED"),
        ("call_back=", "YES/ASKED"),
        ("83/100", "no result of a call-back"),
        ("survey=3/100", "no result of a call-back"),
        (["call_back=1/2", "call_back=2/3"], "one result at a time"),
    ],
)
def test_nonsense_is_refused(told: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        call_back_in(told)


def test_it_goes_alone_and_into_a_posterior_that_is_there(folder: Path) -> None:
    both = run_cli(folder, "calibrate", "daliu", "--observed", "call_back=3/4", "--effort", "0.1")
    assert both.returncode == 2 and "nothing else" in both.stderr
    two = run_cli(folder, "calibrate", "daliu", "jiang", "--observed", "call_back=3/4")
    assert two.returncode == 2 and "one place" in two.stderr
    never = run_cli(folder, "calibrate", "daliu", "--observed", "call_back=0/5000", "--executor", "serial")
    assert never.returncode == 2 and ("too few" in never.stderr or "under no parameter draw" in never.stderr)
