"""`--xlsx` of every command."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sim.cli.commands import COMMANDS
from tests.cli.terminal import run_cli


def test_a_command_writes_its_workbook_beside_its_answer(tmp_path: Path) -> None:
    found = run_cli(tmp_path, "explain", "daliu", "--only", "reported", "--xlsx", "numbers.xlsx", "--json")
    assert found.returncode == 0, found.stderr
    assert '"numbers.xlsx"' in found.stdout
    book = openpyxl.load_workbook(tmp_path / "numbers.xlsx")
    last = list(book["how to reproduce"].iter_rows(values_only=True))
    # The file is there, and would be refused: what asks for the same does not ask for it again.
    assert last[0][1] == "python run_sim.py explain daliu --only=reported"


def test_a_comparison_has_its_tables_and_the_numbers_of_the_place(tmp_path: Path) -> None:
    words = (
        "compare",
        "daliu",
        "+whistle",
        "--replications",
        "4",
        "--no-figures",
        "--xlsx",
        "in/a/folder.xlsx",
    )
    found = run_cli(tmp_path, *words)
    assert found.returncode == 0, found.stderr
    book = openpyxl.load_workbook(tmp_path / "in" / "a" / "folder.xlsx")
    assert {"answer", "effects", "costs", "numbers and sources", "how to reproduce"} <= set(book.sheetnames)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("book.xls", "must end in .xlsx"),
        ("there.xlsx", "exists and is kept"),
        ("there.xlsx/x.xlsx", "is a file"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path, file: str, said: str) -> None:
    (tmp_path / "there.xlsx").write_text("mine")
    found = run_cli(tmp_path, "compare", "daliu", "+whistle", "--xlsx", file)
    assert found.returncode == 2
    assert said in found.stderr
    assert not (tmp_path / "results").exists()
    assert (tmp_path / "there.xlsx").read_text() == "mine"


def test_every_question_has_it() -> None:
    from sim.cli.parser import build_parser

    parsers = build_parser().commands()
    for command in COMMANDS:
        assert ("--xlsx" in parsers[command.name].options()) == bool(command.function), command.name
