"""The command of the benchmarks runs, and its check against theory can fail. Nothing here is about seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import network
from benchmarks.growth import POLICIES
from benchmarks.measure import Row
from benchmarks.network import plain_heapq
from sim.studies import compare

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_quick_run_agrees_with_theory(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "b", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["name"]: row for row in json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))}
    for tool in ("compiled engine", "textbook SimPy", "heapq in plain Python", "bare compiled loop"):
        assert rows[tool]["value"] > 0
        assert rows[tool]["note"].count("sojourns agree with theory: ") == 1, rows[tool]["note"]
        assert rows[tool]["name"] in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert (tmp_path / "results.png").stat().st_size > 10_000


def test_sessions_too_long_by_a_tenth_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def compared() -> list[network.Comparison]:
        runs = [plain_heapq.sojourns(plain_heapq.run(10_000, seed)) for seed in range(6)]
        return network.compare([network.batch_means(run) for run in runs])

    assert all(c.agrees for c in compared())
    monkeypatch.setattr(plain_heapq, "LENGTHS", tuple(1.1 * length for length in network.LENGTHS))
    assert not any(c.agrees for c in compared())


def test_a_bar_is_met_or_missed_or_not_measured() -> None:
    def met(value: float | None, bar: tuple[str, float] | None) -> bool | None:
        return Row("a", "x", value, "s", bar=bar).met

    assert met(2.5, ("<=", 2.5)) is True and met(2.6, ("<=", 2.5)) is False
    assert met(40.0, (">=", 40.0)) is True and met(39.9, (">=", 40.0)) is False
    assert met(None, (">=", 40.0)) is None and met(1.0, None) is None


def test_the_comparison_that_is_to_grow_can_be_made() -> None:
    chosen = compare.plan("daliu", POLICIES, draws=40, replications=50)
    assert len(chosen.design.cells) == 26
