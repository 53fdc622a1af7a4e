"""Under `--lang zh` nothing is left in English: help and complaints of every command, and what is wrong with files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli.helping import cells, wrapped
from sim.cli.parser import COMMANDS
from sim.language import tr, use
from sim.scenario.effects_file import effects
from sim.scenario.load import load_place
from tests.cli.chinese import english, keys
from tests.cli.terminal import PAIR, ROOT, run_cli


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_chinese(name: str, tmp_path: Path) -> None:
    found = run_cli(tmp_path, *filter(None, [name]), "--help", DISPUTES_LANG="zh")
    assert found.returncode == 0 and "用法" in found.stdout
    assert english(found.stdout) == []
    assert len(re.findall("[\u4e00-\u9fff]", found.stdout)) > 40


def test_english_help_is_found() -> None:
    """The check above sees one text that was left in English."""
    told = "选项:\n  --seed 种子  seed of all luck（默认 1）\n  --lang {en,zh}  语言，见 docs/languages.md"
    assert len(english(told)) == 1 and "luck" in english(told)[0]


@pytest.mark.parametrize(
    "words",
    [
        ("compair",),
        ("run", "daliu", "--replicatoins", "3"),
        ("run", "daliu", "--engine", "compield"),
        ("run",),
        ("run", "daliu", "--seed"),
        ("run", "daliu", "--no-figures=3"),
        ("run", "daliu", "--re", "3"),
        ("run", "daliuu"),
        ("run", "daliu", "--replications", "0"),
        ("run", "daliu", "--replications", "99999999"),
        ("run", "daliu", "--precision", "x"),
        ("calibrate", "daliu", "--effort", "1e9"),
        ("calibrate", "daliu", "--correlation", "2"),
        ("calibrate", "daliu", "--written-down", "0.9:0.1"),
        ("calibrate", "daliu", "--written-down", "7"),
        ("select", "daliu", "--delta", "-1"),
        ("pilot", "daliu", "+whistle", "--start", "May"),
        ("lab", "--port", "80"),
        ("validate",),
    ],
    ids=" ".join,
)
def test_complaints_about_the_command_line_are_chinese(words: tuple[str, ...], tmp_path: Path) -> None:
    found = run_cli(tmp_path, *words, "--lang", "zh")
    assert found.returncode == 2 and found.stdout == ""
    assert english(found.stderr, "compair", *words) == [] and re.search("[\u4e00-\u9fff]{2}", found.stderr)


FOUND = {key for evidence in effects().values() for key in evidence.found}
STUDIES = {*FOUND, *(key.partition("_")[0] for key in FOUND)}  # a key may be broken over two lines
BAD = sorted(path.name for path in (ROOT / "tests" / "bad_input").glob("*.yaml"))


def test_faults_of_files_are_chinese(tmp_path: Path) -> None:
    """Every kind of mistake in a scenario file."""
    (tmp_path / "bad_input").symlink_to(ROOT / "tests" / "bad_input")
    found = run_cli(tmp_path, "validate", "bad_input", "--lang", "zh")
    told = found.stdout + found.stderr
    assert found.returncode and len(told.splitlines()) > len(BAD) > 60
    quoted = (
        "mediatorz",
        "weather",
        "mediator",
        "office",
        "null",
        "true",
        "nan",
        "hamlet",
    )  # in words of the files
    assert english(told, *keys(), *quoted) == []


def test_lines_of_wide_characters_fit() -> None:
    text = "求出与一个地区所报数字相符的参数抽样（默认 200），写到 results/daliu，之后可用。"
    lines = wrapped(text, 20)
    assert max(map(cells, lines)) <= 22 and len(lines) >= 4  # closing marks may stand out by one character
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(line[0] not in "，。）" for line in lines)
    assert wrapped("plain words that wrap", 11) == ["plain words", "that wrap"]


@pytest.mark.parametrize(
    "words", [("explain", "daliu"), ("explain", "liucheng", "--policy", "+whistle")], ids=" ".join
)
def test_numbers_and_their_notes_are_chinese(words: tuple[str, ...], tmp_path: Path) -> None:
    told = run_cli(tmp_path, *words, "--lang", "zh").stdout
    with use("zh"):
        numbers, sources, _ = told.partition(
            tr("Sources:")
        )  # below it stand the titles of sources, which are names
    assert sources and len(numbers.splitlines()) > 150
    assert english(numbers, *load_place(words[1]).sources, *STUDIES, "going") == []
    assert ("3,647 户" in numbers) is (words[1] == "daliu")


def test_other_listings_are_chinese(tmp_path: Path) -> None:
    for what in ("places", "policies", "experiments", "mechanisms", "metrics"):
        told = run_cli(tmp_path, "list", what, "--lang", "zh").stdout
        assert len(told.splitlines()) > 3 and english(told) == [], what


def test_a_new_place_is_told_in_chinese(tmp_path: Path) -> None:
    figures = ("--villages", 20, "--townships", 2, "--persons", 42000, "--mediated", 150, "--succeeded", 147)
    made = run_cli(tmp_path, "new", "--name", "shiqiao", *figures, "--no-run", "--lang", "zh")
    assert made.returncode == 0 and english(made.stdout + made.stderr) == []


def test_a_story_and_a_register_are_told_in_chinese(tmp_path: Path) -> None:
    """From a trace to a register, and what is said of that."""
    for words in (
        ("trace", PAIR, "--engine", "reference"),
        ("trace", PAIR, "--engine", "reference", "--export", "register.xlsx", "--known-only"),
        ("quality", "register.xlsx"),
        ("fit", "register.xlsx", "--out", "fitted.yaml"),
    ):
        said = run_cli(tmp_path, *words, "--lang", "zh")
        told = said.stdout + said.stderr
        assert said.returncode == 0 and re.search("[\u4e00-\u9fff]{4}", told), told
        assert english(told, *keys(), "register", "village_pair", "Pair") == [], words
