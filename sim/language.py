"""The language of labels: English texts are keys, and catalogues in `sim/locale` hold the others (GNU gettext).

Write `tr("Filings")`, or `tr("{n} villages", n=20)` where a text has numbers in it: an f-string cannot be translated.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "locale"
_CURRENT: ContextVar[str] = ContextVar("language", default="en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("sim", CATALOGUES, [language], fallback=True)


def tr(text: str, **values: object) -> str:
    """The text in the current language, with `values` put where it names them in braces.

    What the catalogue does not have stays English.
    """
    found = _catalogue(_CURRENT.get()).gettext(text) if text else text
    return found.format(**values) if values else found


def current() -> str:
    """The language in use, one of `LANGUAGES`."""
    return _CURRENT.get()


@contextmanager
def use(language: str) -> Iterator[None]:
    """Labels made inside are in this language. Raises ValueError for one that has no catalogue."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}: there are {', '.join(LANGUAGES)}")
    token = _CURRENT.set(language)
    try:
        yield
    finally:
        _CURRENT.reset(token)
