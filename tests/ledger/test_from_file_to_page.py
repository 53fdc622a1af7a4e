"""The whole way of README: from a clerk's file to a Chinese page with a forecast and one policy compared."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.terminal import done

ROOT = Path(__file__).resolve().parents[2]
COUNTY = ("--persons", "14091", "--villages", "8", "--mediated", "55", "--succeeded", "52")
FORECAST = (
    "forecast",
    "register.xlsx",
    "--place",
    "nanping.yaml",
    "--policy",
    "+whistle",
    "--executor",
    "serial",
)


def walked(folder: Path, *calibrate: str, forecast: tuple[str, ...]) -> tuple[str, str]:
    """The commands one after the other; what the forecast printed, and the page."""
    done(folder, "trace", "daliu", "--export", "register.xlsx", "--recorded", "--seed", "4")
    done(folder, "fit", "register.xlsx", "--name", "nanping", *COUNTY, "--out", "nanping.yaml")
    if calibrate:
        done(folder, "calibrate", "nanping.yaml", "--ledger", "register.xlsx", *calibrate, "--no-figures")
    said = done(folder, *FORECAST, "--out", "outlook", "--lang", "zh", *forecast)
    done(folder, "report", "outlook", "--lang", "zh")
    return said, (folder / "outlook" / "report.html").read_text("utf-8")


def assert_whole(folder: Path, said: str, page: str) -> None:
    """Both say in Chinese what is open now and then, and what the policy changes; nothing of it is in English."""
    for text in (said, page):
        assert re.search(r"有 \d+ 起纠纷未结。若 nanping 照现状，91 天后约有 \d+ 起未结", text)
        assert re.search(r"起实行.*182 天后的未结纠纷比不实行时相差", text)
        assert "foretold" not in text and "disputes are open" not in text and "As it is now" not in text
    assert "占其工时" in said and "镇" in page and page.count("<svg") + page.count("data:image") > 0
    table = pd.read_csv(folder / "outlook" / "simulated.csv")
    assert set(table["policy"].str.strip("'")) == {"practice", "+whistle"} and set(table["days"]) == {
        30,
        91,
        182,
    }
    assert (table["low"] <= table["median"]).all() and (table["median"] <= table["high"]).all()
    manifest = json.loads((folder / "outlook" / "manifest.json").read_text("utf-8"))
    assert manifest["simulated"]["policies"] == ["practice", "+whistle"]


def test_from_a_file_to_a_page(tmp_path: Path) -> None:
    """Without the calibration, which says so."""
    said, page = walked(tmp_path, forecast=("--posterior", "none", "--replications", "10"))
    assert_whole(tmp_path, said, page)
    assert "未校准" in said and "未校准" in page


@pytest.mark.slow
def test_from_a_file_by_a_calibration_to_a_page(tmp_path: Path) -> None:
    few = ("--effort", "0.04", "--draws", "20", "--repeats", "4", "--workers", "1")
    said, page = walked(tmp_path, *few, forecast=("--replications", "20"))
    assert_whole(tmp_path, said, page)
    assert "未校准" not in said and "未以此台账校准" not in said
    posterior = json.loads((tmp_path / "scenarios" / "posteriors" / "nanping.json").read_text("utf-8"))
    assert posterior["about"]["ledger"]["file"] == "register.xlsx"


def test_the_way_is_four_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    block = text.split("## From a clerk's register")[1].split("```")[1]
    verbs = re.findall(r"^python run_sim\.py (\w+)", block, re.MULTILINE)
    assert verbs == ["fit", "calibrate", "forecast", "report"]
    assert "--policy" in block and "--ledger" in block and "--lang zh" in block
