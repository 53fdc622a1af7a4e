"""The language of labels: English texts are keys, and catalogues in `sim/locale` hold the others (GNU gettext).

Write `tr("Filings")`, or `tr("{n} villages", n=20)` where a text has numbers in it: an f-string cannot be translated.
`tr(name)` looks up a word that is known only when the program runs; `sim/cli/catalogue.py` lists all such words. What a
machine reads stays English in every language: tables, manifests, names of metrics and files. Where a table holds a
sentence, `translated` finds its text again.
"""

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
CATALOGUES = Path(__file__).parent / "locale"
FIELD = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_CURRENT: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("sim", CATALOGUES, [language], fallback=True)


def tr(text: str, **values: object) -> str:
    """The text in the current language, with `values` put where it names them in braces.

    What the catalogue does not have stays English.
    """
    found = _catalogue(current()).gettext(text) if text else text
    return found.format(**values) if values else found


def tr_as(context: str, word: str) -> str:
    """A word that has another translation in a context: as `tr` where the catalogue has none for it."""
    found = _catalogue(current()).pgettext(context, word)
    return tr(word) if found == word else found


def joined(*sentences: str) -> str:
    """Sentences one after another: Chinese ones follow without a blank. Empty ones are left out."""
    return ("" if current() == "zh" else " ").join(s for s in sentences if s)


def in_english(words: Callable[[], str]) -> str:
    """What a function says, in English: for programs."""
    with use("en"):
        return words()


def marked(text: str) -> str:
    """The text itself: says that it goes into the catalogue although `tr` gets it elsewhere."""
    return text


@cache
def _templates(language: str) -> tuple[tuple[re.Pattern[str], str, bool], ...]:
    """Texts with fields, the longest first: the pattern of their sentences, and whether it has few letters."""
    known: dict[object, str] = getattr(_catalogue(language), "_catalog", {})
    found = []
    for text in known:
        if not isinstance(text, str) or not FIELD.search(text) or "\x04" in text:
            continue
        plain = FIELD.sub("", text)
        letters = sum(c.isalpha() for c in plain)
        if letters < 2:  # such as `{metric} ({unit})`: anything looks like it
            continue
        parts = FIELD.split(text)
        pattern = "".join(re.escape(part) if i % 2 == 0 else "(.+?)" for i, part in enumerate(parts))
        found.append((len(plain), re.compile(pattern, re.DOTALL), text, letters < 6))
    return tuple(entry[1:] for entry in sorted(found, key=lambda f: -f[0]))


def translated(sentence: str, inner: Callable[[str], str] = tr) -> str:
    """A sentence that was made in English, such as one that a table holds, in the current language.

    `inner` translates what its fields hold. A sentence of unknown origin stays as it is.
    """
    if current() == "en" or not sentence:
        return sentence
    known = tr(sentence)
    if known != sentence or not re.search("[A-Za-z]", sentence):
        return known
    for pattern, text, few in _templates(current()):
        match = pattern.fullmatch(sentence)
        if not match:
            continue
        values = {name: inner(x) for name, x in zip(FIELD.findall(text), match.groups(), strict=True)}
        # What has few letters of its own, such as `{low} to {high}`, must hold numbers and known words only.
        if few and any(
            x == y and re.search("[A-Za-z]", x) for x, y in zip(values.values(), match.groups(), strict=True)
        ):
            continue
        return FIELD.sub(r"{\1}", tr(text)).format(**values)
    return sentence


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
