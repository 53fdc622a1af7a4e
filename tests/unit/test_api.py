"""The public interface: the same numbers as the commands, as frames and figures."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import sim
from sim.runs.case import Case
from sim.runs.guard import _guards
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from tests.cli.terminal import PAIR, environment
from tests.kept import CALIBRATION, Kept


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = (
        "import sys, sim; print([m for m in ('numpy', 'pandas', 'numba', 'matplotlib') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
    assert set(sim.__all__) <= set(dir(sim))
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = sim.lode  # type: ignore[attr-defined]


def test_a_county_shows_what_is_reported_and_what_is_assumed() -> None:
    county = sim.load("daliu", {"villages.mediators": 9})
    assert "daliu" in sim.places()
    assert set(county.targets["role"]) >= {"calibrate", "hold_out"}
    row = county.parameters.set_index("path").loc["villages.mediators"]
    assert row["value"] == 9
    assert "大柳" in county._repr_html_()
    with pytest.raises(ScenarioError, match="daliu"):
        sim.load("dalui")


def test_run_gives_the_numbers_of_the_job_and_figures() -> None:
    result = sim.run("daliu", replications=3, posterior="none", workers=1)
    assert not result.calibrated
    rows = Case(load_place("daliu"), None, 1, "place").measure(0, 2).rows.to_pandas()
    whole = rows[(rows["layer"] == "true") & (rows["by"] == "")].set_index("metric")["value"]
    for name in ("known_disputes", "filings", "days_in_conflict_per_1000"):
        assert result.values.loc[2, name] == whole[name]
    assert {"mean", "low", "high"} <= set(result.summary.columns)
    assert isinstance(result.figure("flow"), Figure)
    with pytest.raises(KeyError):
        result.figure("pie")


def test_compare_pairs_policies() -> None:
    made = sim.compare(
        "daliu",
        ["none"],
        replications=4,
        draws=1,
        metrics=["days_in_conflict_per_1000"],
        posterior="none",
        workers=1,
    )
    assert list(made.effects["policy"]) == ["none"]
    assert isinstance(made.choice, pd.DataFrame) and isinstance(made.costs, pd.DataFrame)
    assert made.over_readings.empty
    assert isinstance(made.figure(), Figure)


@pytest.mark.usefixtures("little_effort")
def test_calibrate_check_and_predict_work_together(kept: Kept, tmp_path: Path) -> None:
    """What the command has simulated is found in the working folder, so that only its analysis is made again."""
    kept.copied(tmp_path, *CALIBRATION)
    shutil.rmtree(tmp_path / "scenarios")
    county = sim.load("daliu")
    found = sim.calibrate(county, effort=0.04, draws=20, repeats=4, workers=1)
    assert any("effective sample size" in str(text) for text in found.messages())
    assert set(found.tables()) >= {"targets", "parameters", "extra", "diagnoses"}
    assert isinstance(found.figure(), Figure)
    path = found.one.save_posterior()
    ours, theirs = (
        json.loads((x / path).read_text("utf-8")) for x in (tmp_path, kept.finished(*CALIBRATION)[0])
    )
    assert ours == theirs
    assert sim.run(county, replications=4, workers=1).calibrated
    checks = sim.check(["daliu"], workers=1)
    assert set(checks.frame["reading"]) == {"proportional", "target_driven"}
    rows = sim.predict(county, workers=1)
    assert set(rows.frame["figure"]) == {"petitions_registered"}


SCRIPT = """
import sim

print("begun")
def work():
    return sim.run({place!r}, replications=4, workers=2).values["known_disputes"].tolist()
{call}
"""
CALLS = {"unguarded": "print(work())", "guarded": "if __name__ == '__main__':\n    print(work())"}


@pytest.mark.parametrize(
    ("statement", "guards"),
    [
        ("if __name__ == '__main__': run()", True),
        ("if '__main__' == __name__: run()", True),
        ("if __name__ == 'other': run()", False),
        ("for _ in range(2): run()", False),
        ("run()", False),
    ],
)
def test_what_a_guard_looks_like(statement: str, guards: bool) -> None:
    assert _guards(ast.parse(statement).body[0]) is guards


@pytest.mark.parametrize("how", CALLS)
def test_a_script_without_a_guard_goes_on_in_one_process(how: str, tmp_path: Path) -> None:
    """Each worker would run it anew and start workers of its own: it did so until none could start."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(place=str(PAIR), call=CALLS[how]), "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    *begun, found = done.stdout.splitlines()
    assert found == str(sim.run(PAIR, replications=4, workers=1).values["known_disputes"].tolist())
    if how.startswith("guarded"):
        assert "workers" not in done.stderr and len(begun) > 1  # each worker read the script
    else:
        assert "goes on with one process" in done.stderr and "script.py:" in done.stderr and len(begun) == 1
    assert "Traceback" not in done.stderr


def test_figures_and_tables_in_chinese() -> None:
    result = sim.run("daliu", replications=4, posterior="none", workers=1)
    with sim.use_language("zh"):
        drawn = [text.get_text() for text in result.figure("flow").texts]
        shown = sim.labelled(result.summary)
        assert result.county.title == "大柳镇"
        assert "个上报数字" in result.county._repr_html_()
    assert any("大柳镇：纠纷从何处进入" in text for text in drawn)
    assert any("where disputes enter" in text.get_text() for text in result.figure("flow").texts)
    assert "均值" in shown and "已掌握纠纷" in set(shown["指标"])
    assert "known_disputes" in set(result.summary["metric"])  # for programs, English in every language
    assert sim.labelled(result.summary) is result.summary
    with pytest.raises(ValueError, match="unknown language"), sim.use_language("latin"):
        pass
