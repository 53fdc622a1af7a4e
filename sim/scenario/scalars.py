"""Plain YAML words as values, by the rules of YAML 1.2 and with a fault where readers of YAML disagree.

`yes`, `no`, `on`, `off` stay text, so do dates (the schema turns them into dates) and `1:30`. Version 1.1
reads them as booleans and as base-60 numbers, which nobody who writes them expects.
"""

from __future__ import annotations

import math
import re

from sim.language import Message, Text

Scalar = str | int | float | bool | None

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_AMBIGUOUS = re.compile(r"[-+]?(0[0-9]+|0[xob][0-9a-fA-F]+)")
_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
MAX_DIGITS = 18  # more do not fit the clock, nor any count of people


class ScalarError(ValueError):
    """A word that has no safe meaning; `remedy` says what to write."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def plain(text: str) -> Scalar:
    """The value of an unquoted word."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError(
            Message("{text} is not a finite number", text=text),
            Message("Write a number, or null where the key may be absent."),
        )
    if _AMBIGUOUS.fullmatch(text):
        raise ScalarError(
            Message("{text} is read as different numbers by different programs", text=text[:40]),
            Message("Write the decimal number without leading zeros, or put text in quotes."),
        )
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > MAX_DIGITS:
            raise _too_large(text)
        return int(text)
    if _FLOAT.fullmatch(text):
        if len(text) > 400 or not math.isfinite(float(text)):
            raise _too_large(text)
        return float(text)
    return text


def _too_large(text: str) -> ScalarError:
    digits = text if len(text) <= 24 else text[:20] + "…"
    return ScalarError(
        Message("the number {digits} is too large", digits=digits),
        Message("Write a number of at most {max_digits} digits.", max_digits=MAX_DIGITS),
    )


_NARROW = str.maketrans("０１２３４５６７８９．，％－", "0123456789.,%-")  # of Chinese keyboards
_TENS = {"": 1, "万": 10_000, "亿": 100_000_000}


def narrow(text: str) -> str:
    """A text with the wide digits, commas and signs of Chinese keyboards as narrow ones."""
    return text.translate(_NARROW)


def whole_number(text: str) -> int | None:
    """The whole number that `1,294`, `1_294`, `１２９４` or `4.2万` (42,000) is; None for what is none."""
    plain = re.sub(r"[_\s]", "", narrow(text))
    if re.match(
        r"[0-9]{1,3}(,[0-9]{3})+(?![0-9,])", plain
    ):  # `9,00` is not 900: somebody's decimal comma, or a slip
        plain = plain.replace(",", "")
    found = re.fullmatch(r"([0-9]{1,18})(?:\.([0-9]{1,8}))?([万亿]?)", plain)
    if found is None:
        return None
    whole, part, tens = found[1], found[2] or "", _TENS[found[3]]
    number, rest = divmod(int(whole + part) * tens, 10 ** len(part))
    return None if rest or number >= 10**MAX_DIGITS else number


def as_number(text: str) -> float | int | None:
    """The number that somebody meant who wrote `1,234`, `314_242`, `98 %`, `1:30`, `4.2万` or `3 days`."""
    text = narrow(text)
    clock_time = re.fullmatch(r"([0-9]{1,3}):([0-5][0-9])", text.strip())
    if clock_time:
        return round(int(clock_time[1]) + int(clock_time[2]) / 60, 4)
    bare = re.match(r"\s*([-+]?[0-9][0-9_, ]*(?:\.[0-9]+)?)\s*(%?)", text)
    if not bare:
        return None
    digits = re.sub(r"[_, ]", "", bare[1])
    if len(digits) > MAX_DIGITS:
        return None
    number = float(digits) * _TENS.get(text[bare.end() :][:1], 1)
    number = round(number / 100 if bare[2] else number, 10)
    return int(number) if number.is_integer() else number
