"""Catalogues of texts, and the language in use."""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
VARIABLE = "DISPUTES_LANG"  # of the environment: the language where nothing else is asked for
CATALOGUES = Path(__file__).parents[1] / "locale"
FIELD = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_CURRENT: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("sim", CATALOGUES, [language], fallback=True)


def text(english: str) -> str:
    """A text of the catalogue in the current language. What the catalogue does not have stays English."""
    return _catalogue(current()).gettext(english) if english else english


def text_as(context: str, word: str) -> str:
    """A word that has another translation in a context: as `text` where the catalogue has none for it."""
    found = _catalogue(current()).pgettext(context, word)
    return text(word) if found == word else found


def known(text: str, language: str) -> bool:
    """Whether the catalogue of a language has the text."""
    return bool(text) and text in getattr(_catalogue(language), "_catalog", {})


def in_english(words: Callable[[], str]) -> str:
    """What a function says, in English: for programs."""
    with use("en"):
        return words()


def marked(text: str) -> str:
    """The text itself: says that it goes into the catalogue although `tr` gets it elsewhere."""
    return text


def default() -> str:
    """The language of the environment variable, or English. Raises ValueError for one that has no catalogue."""
    return _known(os.environ.get(VARIABLE) or "en", f"{VARIABLE}: ")


def current() -> str:
    """The language in use, one of `LANGUAGES`."""
    return _CURRENT.get() or default()


def _known(language: str, where: str = "") -> str:
    if language not in LANGUAGES:
        raise ValueError(f"{where}unknown language {language!r}: there are {', '.join(LANGUAGES)}")
    return language


@contextmanager
def use(language: str) -> Iterator[None]:
    """Labels made inside are in this language. Raises ValueError for one that has no catalogue.

    It holds for the thread that enters it. Processes that simulate make no labels.
    """
    token = _CURRENT.set(_known(language))
    try:
        yield
    finally:
        _CURRENT.reset(token)
