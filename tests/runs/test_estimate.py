"""A run that does not fit into memory is refused before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim.runs.estimate as module
from sim.cli import main
from sim.model import build
from sim.runs.estimate import BASE_BYTES, TooLarge, available_memory, estimate, refuse_too_large
from sim.scenario.load import load_place
from tests.cli.terminal import PAIR


def test_it_is_refused_with_the_estimate_and_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(load_place(PAIR, []))
    one = estimate(model, "reference", 1, 1).memory
    monkeypatch.setattr(module, "available_memory", lambda: BASE_BYTES + 1e6 + 2.5 * one)
    refuse_too_large(model, "reference", 1, 2)
    with pytest.raises(
        TooLarge, match=r"needs about 1\.\d GB of memory \(4 workers of .*; take --workers 2$"
    ):
        refuse_too_large(model, "reference", 1, 4)
    with pytest.raises(TooLarge, match=r"1,000,000 replications.*take fewer replications"):
        refuse_too_large(model, "reference", 1_000_000, 2)
    with pytest.raises(TooLarge, match=r"take fewer replications"):
        refuse_too_large(model, "reference", 1_000_000, 0)
    monkeypatch.setattr(module, "available_memory", lambda: BASE_BYTES + 1e6 + 0.5 * one)
    with pytest.raises(TooLarge, match=r"take a smaller place"):
        refuse_too_large(model, "reference", 1, 1)


def test_the_command_refuses_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "available_memory", lambda: 1e8)
    out = tmp_path / "out"
    assert main(["run", str(PAIR), "--replications", "2", "--executor", "serial", "--out", str(out)]) == 2
    assert "of memory" in capsys.readouterr().err
    assert not out.exists()


def test_memory_at_hand_is_known() -> None:
    assert 1e7 < available_memory() < 1e14
