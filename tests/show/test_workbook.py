"""A study as a workbook: what a spreadsheet program reads back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sim.language import Message, tr, use
from sim.scenario.load import load_place
from sim.show.workbook import MOST_LETTERS, Asked, number_format, workbook
from sim.studies.study import Study

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "http://example.org",
    "\x00\x07bell",
    "a" * 40_000,
)


@dataclass(frozen=True)
class Small(Study):
    """An answer with everything that can be in a cell."""

    command: ClassVar[str] = "compare"

    def tables(self) -> dict[str, pd.DataFrame]:
        numbers = [1.5, np.nan, np.inf, 123456.0, 1e-9, -0.25, 3.0, 0.0]
        return {
            "effects": pd.DataFrame({"policy": HOSTILE, "value": numbers, "passed": [True, False] * 4}),
            "a/name: that is [too] long for the tab of a sheet": pd.DataFrame({"n": [1]}),
            "a/name: that is [too] long for the tab of a sheet, again": pd.DataFrame({"n": [2]}),
        }

    def sentences(self) -> list[Any]:
        return [Message("no difference shown"), Message("=1+1 is said first")]

    def messages(self) -> list[Any]:
        return [Message("=1+1 is said to people")]

    def manifest(self) -> dict[str, Any]:
        return {"command": self.command, "key": "k", "cells": [{"place": "daliu", "measures": []}], "seed": 1}

    def answer(self) -> dict[str, Any]:
        return {}


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    place = load_place("daliu")
    return openpyxl.load_workbook(io.BytesIO(workbook(Small(), Asked("compare daliu", (place,)))))


def test_no_cell_is_a_formula_or_a_link(book: openpyxl.Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [row[0] for row in book["effects"].iter_rows(min_row=2, values_only=True)]
    assert texts[:6] == list(HOSTILE[:6])
    assert texts[6] == "\ufffd\ufffdbell"
    assert len(texts[7]) == MOST_LETTERS


def test_numbers_are_numbers_and_what_is_none_is_empty(book: openpyxl.Workbook) -> None:
    values = [row[1] for row in book["effects"].iter_rows(min_row=2, values_only=True)]
    assert values == [1.5, None, None, 123456, 1e-9, -0.25, 3, 0]
    assert [row[2] for row in book["effects"].iter_rows(min_row=2, values_only=True)] == [True, False] * 4


def test_sheets_have_names_that_differ(book: openpyxl.Workbook) -> None:
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames) == 6
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_assumptions_have_their_sources(book: openpyxl.Workbook) -> None:
    rows = list(book["numbers and sources"].iter_rows(min_row=2, values_only=True))
    persons = next(row for row in rows if row[1] == "population.persons")
    assert persons[2] == 14091
    assert persons[6:8] == ("reported", "daliu_article")


def test_how_to_reproduce_begins_with_the_command(book: openpyxl.Workbook) -> None:
    lines = list(book["how to reproduce"].iter_rows(values_only=True))
    assert lines[0] == ("command", "compare daliu")
    assert ("cells[1].place", "daliu") in lines


def test_the_same_study_gives_the_same_bytes() -> None:
    assert workbook(Small(), Asked("x")) == workbook(Small(), Asked("x"))


def test_the_answer_comes_first_then_what_to_know_beside_it(book: openpyxl.Workbook) -> None:
    lines = list(book["answer"].iter_rows(values_only=True))
    assert [line[1] for line in lines[1:4]] == [
        *("no difference shown", "=1+1 is said first", "=1+1 is said to people"),
    ]
    assert [line[0] for line in lines[1:4]] == ["answer", "", "to know beside it"]


def test_a_chinese_workbook_has_chinese_heads_and_says_chinese_things() -> None:
    with use("zh"):
        made = openpyxl.load_workbook(io.BytesIO(workbook(Small(), Asked("x"))))
        said = tr("no difference shown")
    assert not {"effects", "answer", "how to reproduce"} & set(made.sheetnames)
    assert not said.isascii()
    assert said in [line[1] for line in made.worksheets[0].iter_rows(values_only=True)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (3.0, "#,##0"),
        (1234567, "#,##0"),
        (1.5, "#,##0.000"),
        (0.0123, "#,##0.00000"),
        (123.4, "#,##0.0"),
        (1e-9, "0.000E+00"),
    ],
)
def test_a_number_shows_four_digits(value: float, code: str) -> None:
    assert number_format(value) == code
