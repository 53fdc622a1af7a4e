"""The font that comes with the program."""

from __future__ import annotations

import io
from pathlib import Path
from unittest import mock

import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.figure import Figure

from sim.show.figures import typeface
from sim.show.figures.style import style
from sim.show.figures.typeface import FONT_FILE, family
from tests.show.figures.frames import NAMES

FONTS = FONT_FILE.parent


def gb2312() -> set[str]:
    """The characters of levels 1 and 2."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {text for code in codes if (text := code.decode("gb2312", errors="ignore"))}


def test_the_font_has_every_character_of_gb2312() -> None:
    held = {chr(code) for code in TTFont(FONT_FILE).getBestCmap()}
    assert len(gb2312()) == 6763
    assert gb2312() <= held
    assert set("".join(NAMES.values())) <= held
    assert {chr(code) for code in range(0x20, 0x7F)} <= held
    assert {chr(code) for code in range(0xA0, 0x100)} <= held
    assert set("≥≤–—·×→−‰…“”‘’、。,:;()《》") <= held


def test_the_font_is_small_and_single() -> None:
    assert FONT_FILE.stat().st_size < 3_000_000
    assert FONT_FILE.read_bytes()[:4] == b"OTTO"  # one face; collections begin with `ttcf`


def test_the_font_is_found_by_a_name_that_no_other_has() -> None:
    found = font_manager.findfont(family(), fallback_to_default=False)
    assert Path(found) == FONT_FILE
    assert "Noto" not in family() and "Source" not in family()


def test_the_licence_lies_beside_the_font() -> None:
    text = (FONTS / "LICENSE-OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    names = TTFont(FONT_FILE)["name"]
    assert names.getDebugName(0) in text  # the copyright notice
    assert "SIL Open Font License" in names.getDebugName(13)
    assert (FONTS / "README.md").is_file()


def test_rare_characters_come_from_an_installed_font_or_are_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rare = "鄠浉埇"
    monkeypatch.setattr(typeface, "families", lambda: (family(), typeface.LAST))
    monkeypatch.setattr(typeface, "_said", set())
    assert typeface.missing(f"石桥县 Village − {rare}{rare}") == list(rare)
    with style():
        figure = Figure()
        figure.text(0, 0, f"{rare}邑区")
        for _ in range(2):
            typeface.say_missing(figure)
            figure.savefig(io.BytesIO())  # matplotlib's own warning would be an error here
    (said,) = caplog.messages
    assert all(c in said for c in rare) and "邑" not in said

    large = mock.Mock()  # an installed font with everything in it
    large.name = typeface.LARGE[-1]
    monkeypatch.undo()
    monkeypatch.setattr(typeface.font_manager.fontManager, "ttflist", [large])
    typeface.families.cache_clear()
    try:
        assert typeface.families() == (family(), typeface.LARGE[-1], typeface.LAST)
    finally:
        typeface.families.cache_clear()
