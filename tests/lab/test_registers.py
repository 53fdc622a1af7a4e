"""A register on the page: words that nobody knows, how far it can be trusted, what will be open, a county of it."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sim.lab.registers import Read, Told, book_of, county_of, read
from sim.scenario.load import load_place
from sim.studies.forecast import forecast
from tests.ledger.registers import rows, write_csv

TOLD = Told(means=(("kind", "彩礼风波", "family"),))


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A register of three years, with a kind of dispute that no list has."""
    table = rows(220, date(2021, 1, 4))
    for row in table[::20]:
        row[5] = "彩礼风波"
    return str(write_csv(tmp_path_factory.mktemp("brought") / "register.csv", table))


def test_words_without_a_meaning_are_asked_for_and_then_known(register: str) -> None:
    first = read(register, Told(), "zh")
    (word,) = first.words
    assert (word.column, word.word, word.rows) == ("kind", "彩礼风波", 11)
    assert "family" in dict(word.choices) and not first.title
    second = read(register, TOLD, "zh")
    assert not second.words and "220" in second.title and second.groups


def test_what_will_be_open_is_what_the_forecast_says(register: str) -> None:
    found = read(register, TOLD, "en").ahead
    assert found is not None
    study = forecast(register, mapping=Path(register).parent / "words.csv")
    assert f": {len(study.found.ages)}," in found.today
    assert found.horizons == tuple(f"in {f.days} days" for f in study.found.horizons)
    assert 91 in [f.days for f in study.found.horizons]
    assert found.rows[0][0] == "open"
    assert found.figure.startswith("<svg") and 'role="img"' in found.figure


def test_a_county_comes_of_it_and_knows_no_party(register: str, tmp_path: Path) -> None:
    text = county_of(register, TOLD, {"persons": "4.2万", "villages": "", "townships": ""}, "zh")
    (tmp_path / "place.yaml").write_text(text, "utf-8")
    assert load_place(tmp_path / "place.yaml").population.persons.value == 42_000
    assert "张某" not in text and "王志强" not in text


def test_a_file_that_is_none_is_trouble_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    found = read(str(file), Told(), "zh")
    assert found == Read(found.trouble) and "register.csv" in found.trouble


def test_its_workbook_is_in_the_language_of_the_page(register: str) -> None:
    books = [
        openpyxl.load_workbook(io.BytesIO(book_of("quality", register, TOLD, lang))) for lang in ("en", "zh")
    ]
    first = [
        [str(c.value) for row in book.worksheets[0].iter_rows() for c in row if c.value] for book in books
    ]
    assert len(first[0]) == len(first[1]) > 3
    latin = [text for text in first[1] if text.isascii()]
    assert latin == ["quality"], "the name of the command only"
