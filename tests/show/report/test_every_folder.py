"""A report of the folder of every command: it answers first, says how to reproduce, and is the same bytes each time."""

from __future__ import annotations

import html
import re
import shlex
import time
from datetime import date
from pathlib import Path

import pytest

import sim
from sim.cli.parser import build_parser
from sim.cli.perform import asked
from sim.language import shown, use
from sim.show.report.study import Report
from sim.studies.results import ResultError
from tests.cli.terminal import PAIR, ROOT, run_cli
from tests.kept import CALIBRATION, Kept

NATION = ROOT / "tests" / "data" / "small_nation.yaml"
AFTER = ("--start", "2022-06-01", "--before", "60", "--after", "60")
PLAIN = ("--posterior", "none")
COMMANDS: dict[str, tuple[object, ...]] = {
    "run": ("run", PAIR, "--replications", 2, "--no-figures"),
    "nation": ("run", NATION, "--counties", 2, "--no-figures"),
    "central": ("compare", PAIR, "+whistle", "-screening", "--replications", 4, "--metrics", "filings"),
    "drawn": ("compare", PAIR, "+whistle", "--draws", 3, "--replications", 2, "--margin", "filings=3"),
    "select": ("select", "daliu", "+whistle", *PLAIN, "--delta", 50, "--alpha", "10%"),
    "spent": ("select", PAIR, "+whistle", "--budget", 24, "--higher"),
    "optimise": (
        *("optimise", PAIR, "whistle", "judges:0:1", "--hours", 4000, "--replications", 2, "--fresh", 3),
        *("--evaluations", 6, "--objectives", "filings_per_10000"),
    ),
    "before-after": (
        "before-after",
        PAIR,
        "practice+whistle",
        *AFTER,
        "--replications",
        4,
        "--claim",
        "filings=-9",
    ),
    "pilot": (
        *(
            "pilot",
            "daliu",
            "+whistle",
            *PLAIN,
            "--draws",
            2,
            "--replications",
            1,
            "--months",
            "3",
            "--villages",
            "8",
        ),
        *("--designs", "parallel"),
    ),
    "audit": ("audit", PAIR, "+whistle", "--draws", 20, "--observed", "8/9", *PLAIN),
    "sensitivity": ("sensitivity", PAIR, "none", "--draws", 60, "--replications", 2, "--metrics", "filings"),
}
OF_OWN_MANIFEST = ("run", "nation")  # `rerun` repeats them


def section(page: str, name: str) -> str:
    """The text of a section of a page."""
    inside = page.split(f'<section id="{name}"')[1].split("</section>")[0]
    return html.unescape(re.sub(r"<[^>]+>", " ", inside))


def again(page: str) -> list[str]:
    """The words after `python run_sim.py` that a page gives to reproduce its numbers."""
    (told,) = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page)
    python, program, *words = shlex.split(html.unescape(told))
    assert (python, program) == ("python", "run_sim.py")
    return words


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a minute ahead whenever it is looked at again."""
    real, looks = time.time, iter(range(0, 10**9, 60))
    monkeypatch.setattr("time.time", lambda: real() + next(looks))


@pytest.mark.usefixtures("few_shuffles", "later")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_report_answers_first_and_says_how_to_reproduce(name: str, tmp_path: Path) -> None:
    words = COMMANDS[name]
    no_figures = () if "--no-figures" in words or words[0] == "select" else ("--no-figures",)
    done = run_cli(tmp_path, *words, *no_figures, "--out", "out")
    assert done.returncode == 0, done.stderr
    one = sim.report(tmp_path / "out", no_replay=True)
    page = one.html
    assert Report(one.folder, 1, True).html == page, "two reports of one folder are equal bytes"
    first = section(page, "answer")
    assert (len(first) > 150 and "no manifest" not in first and "tables and" not in first) or name in THIN
    for said in (*one.sentences(), *one.messages()):
        assert str(said).strip().replace(" %", "\u00a0%") in first.replace(" %", "\u00a0%")
    told = again(page)
    if name in OF_OWN_MANIFEST and told[0] == "rerun":
        return
    given = vars(build_parser().parse_args(typed_as_the_program_reads(words)))
    repeated = vars(build_parser().parse_args(told))
    assert question(repeated) == question(given)
    with use("zh"):
        chinese = section(Report(one.folder, 1, True).html, "answer")
        spoken = [shown(said) for said in (*one.sentences(), *one.messages())]
    for said in spoken:
        assert said.strip().replace(" %", "\u00a0%") in chinese.replace(" %", "\u00a0%")
        assert re.search(r"[\u4e00-\u9fff]", said) and not re.search(r"[a-z]{3,} [a-z]{3,}", said), said


THIN = ("nation", "sensitivity")  # their studies say nothing in sentences: the tables follow


def typed_as_the_program_reads(words: tuple[object, ...]) -> list[str]:
    return [f"practice{w}" if str(w).startswith("-s") else str(w) for w in words]


def question(namespace: dict[str, object]) -> dict[str, object]:
    import argparse

    found = asked(argparse.Namespace(**namespace))
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def test_a_calibration_and_what_it_predicts_have_a_report(kept: Kept, tmp_path: Path) -> None:
    kept.copied(tmp_path, *CALIBRATION)
    assert run_cli(tmp_path, "predict", "daliu").returncode == 0
    for name, sentence in (("calibrate-daliu", "diagnoses"), ("predict", "1 tables and 0 figures")):
        page = sim.report(tmp_path / "results" / name, no_replay=True).html
        first = section(page, "answer")
        assert sentence in first and "Daliu town" in page.split("</h1>")[0]
        assert ("no manifest" in first) is not (tmp_path / "results" / name / "manifest.json").exists()
        assert again(page)[0] == name.partition("-")[0]


def test_a_folder_without_a_manifest_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "estimates").mkdir()
    (tmp_path / "estimates" / "estimates.csv").write_text("parameter,value\nx,1\n")
    done = run_cli(tmp_path, "report", "estimates")
    assert done.returncode == 0 and "no manifest" in done.stderr
    page = (tmp_path / "estimates" / "report.html").read_text("utf-8")
    assert "no manifest" in section(page, "answer") and "does not tell the options" in section(
        page, "provenance"
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultError, match="no tables"):
        sim.report(tmp_path / "empty")
