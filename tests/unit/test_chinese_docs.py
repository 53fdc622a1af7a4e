"""README and tutorial in Chinese say the numbers and commands of the English ones."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIRS = (("README.md", "README.zh.md"), ("docs/tutorial.md", "docs/zh/tutorial.md"))
LINK = re.compile(r"\]\([^)]*\)")


def numbers(text: str) -> Counter[str]:
    """Numbers of two digits or more, and decimals; small ones may be words in one language."""
    found = re.findall(r"\d[\d,]*(?:\.\d+)?", LINK.sub("]", text))
    return Counter(n.rstrip(",") for n in found if len(n.rstrip(",")) > 1)


def commands(text: str) -> list[str]:
    """Commands in fenced blocks, without comments and the choice of language."""
    lines = re.findall(r"^(?:python run_sim\.py|pip) .*$", text, re.MULTILINE)
    return [line.partition(" #")[0].replace(" --lang zh", "").strip() for line in lines]


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda x: x)
def test_both_languages_have_the_same_numbers(english: str, chinese: str) -> None:
    one, other = ((ROOT / name).read_text("utf-8") for name in (english, chinese))
    apart = {
        "11",
        "1000",
        "1,000",
    }  # a month that has a name in English; a thousand that is a word in Chinese
    left = {n: (numbers(one)[n], numbers(other)[n]) for n in numbers(one) | numbers(other)}
    assert {n: both for n, both in left.items() if 0 in both and n not in apart} == {}
    assert len(left) > 30


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda x: x)
def test_both_languages_have_the_same_commands(english: str, chinese: str) -> None:
    one, other = (commands((ROOT / name).read_text("utf-8")) for name in (english, chinese))
    assert one == other and len(one) >= 6


def test_another_number_would_be_found() -> None:
    assert numbers("98.2 % of 1,294, in 2023") - numbers("98.3% of 1,294（2023）") == Counter({"98.2": 1})
