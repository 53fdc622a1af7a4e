"""A result folder has its manifest only when it is whole: no figure is drawn beside one, whatever the command."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from sim.cli import main
from tests.cli.terminal import PAIR, ROOT

NATION = str(ROOT / "tests" / "data" / "small_nation.yaml")
PLACE = str(PAIR)
AFTER = ("--start", "2022-06-01", "--before", "60", "--after", "60")
COMMANDS = {
    "run": (
        "sim.show.figures.save.write_drawing",
        ("run", PLACE, "--replications", "2", "--executor", "serial"),
    ),
    "nation": (
        "sim.show.figures.save.write_drawing",
        ("run", NATION, "--counties", "2", "--executor", "serial"),
    ),
    "compare": (
        "sim.show.figures.save.write_drawing",
        ("compare", PLACE, "+whistle", "--replications", "4", "--executor", "serial"),
    ),
    "optimise": (
        "sim.show.figures.save.write_drawing",
        *(
            (
                "optimise",
                PLACE,
                "whistle",
                "--hours",
                "4000",
                "--replications",
                "2",
                "--fresh",
                "2",
                "--workers",
                "1",
            ),
        ),
    ),
    "before-after": (
        "sim.show.figures.save.write_drawing",
        ("before-after", PLACE, "practice+whistle", "--replications", "2", "--workers", "1", *AFTER),
    ),
    "sensitivity": (
        "sim.show.figures.save.write_drawing",
        (
            "sensitivity",
            PLACE,
            "none",
            "--draws",
            "60",
            "--replications",
            "2",
            "--executor",
            "serial",
            "--metrics",
            "days_in_conflict_per_1000",
        ),
    ),
}


@pytest.mark.usefixtures("few_shuffles")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_manifest_comes_after_the_figures(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, words = COMMANDS[command]
    module, _, name = drawing.rpartition(".")
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    assert main([*words, "--out", "out", "--no-figures"]) == 0
    whole = (out / "manifest.json").read_bytes()
    looks = []

    def power_cut(*arguments: object, **more: object) -> None:
        looks.append((out / "manifest.json").exists())
        raise RuntimeError("power cut")

    monkeypatch.setattr(importlib.import_module(module), name, power_cut)
    with pytest.raises(RuntimeError, match="power cut"):
        main([*words, "--out", "out"])
    assert looks == [False] and not (out / "manifest.json").exists()
    assert json.loads((out / "unfinished.json").read_text("utf-8"))["key"] == json.loads(whole)["key"]
    assert main([*words, "--out", "out", "--no-figures"]) == 0, "the same command takes the folder up again"
    assert (out / "manifest.json").read_bytes() == whole and not (out / "unfinished.json").exists()
