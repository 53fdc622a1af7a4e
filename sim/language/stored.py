"""Phrases in files: what a machine reads is English; templates and values lie beside it for other languages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sim.language.catalogue import LANGUAGES, known
from sim.language.message import Phrase


def packed(value: object) -> object:
    """A phrase, or a value of one, in JSON's types; `unpacked` makes it anew."""
    if isinstance(value, Phrase):
        return {type(value).__name__.lower(): {k: packed(x) for k, x in value.parts().items()}}
    if isinstance(value, Mapping):
        return {str(k): packed(x) for k, x in value.items()}
    if isinstance(value, list | tuple):
        return [packed(x) for x in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def kept(values: Iterable[object]) -> dict[str, object]:
    """What has to lie beside a table or a file for its phrases to be found again by their English texts, packed."""
    return {str(value): packed(value) for value in values if isinstance(value, Phrase) and value}


def found(text: object, beside: Mapping[str, object]) -> object:
    """A cell of a file: the phrase that was `kept` for its text, else the cell itself."""
    return unpacked(text, beside[text]) if isinstance(text, str) and text in beside else text


def unpacked(text: str, parts: object) -> str | Phrase:
    """The phrase that was kept beside a text as `packed`; the text itself where it is not what the phrase says.

    Files come from elsewhere: a template that is not in the catalogue is not used.
    """
    try:
        made = _unpacked(parts)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return text
    return made if isinstance(made, Phrase) and str(made) == text else text


def _unpacked(found: object) -> object:
    if isinstance(found, list):
        return tuple(map(_unpacked, found))
    if not isinstance(found, dict):
        return found
    (kind, parts), *more = found.items()
    if kind == "float":
        return float(parts)
    if more or kind not in Phrase.KINDS:
        raise KeyError(kind)
    if "template" in parts and not any(known(parts["template"], language) for language in LANGUAGES[1:]):
        raise KeyError(parts["template"])
    inner = {
        k: {n: _unpacked(v) for n, v in x.items()} if k == "values" else _unpacked(x)
        for k, x in parts.items()
    }
    return Phrase.KINDS[kind].of(inner)


def english(value: object) -> object:
    """For `json.dumps(default=...)`: a phrase is written as its English text, and nothing else is let through."""
    if isinstance(value, Phrase):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
