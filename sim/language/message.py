"""What is said, in each language: templates and values from where the thing is known, rendered once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import total_ordering
from typing import Any, ClassVar, NoReturn, Self

from sim.language.catalogue import current, text, text_as, use


def tr(template: str, **values: object) -> str:
    """The text in the current language, with `values` put where it names them in braces, each as `shown` has it.

    What the catalogue does not have stays English.
    """
    found = text(template)
    return found.format(**{name: _said(value) for name, value in values.items()}) if values else found


def tr_as(context: str, word: str) -> str:
    """A word that has another translation in a context: as `tr` where the catalogue has none for it."""
    return text_as(context, word)


def shown(value: object) -> str:
    """A value for people: phrases in the language in use, a list of them joined by its comma, others as they are."""
    return str(_said(value))


def _said(value: object) -> object:
    if isinstance(value, Phrase):
        return value.rendered()
    return tr(", ").join(map(shown, value)) if isinstance(value, list | tuple) else value


@total_ordering
class Phrase:
    """Something that is said in each language. Immutable; it equals, sorts and hashes as its English text.

    A phrase may stand in a table, which is written in English: `str` of it.
    """

    __slots__ = ("_english",)
    _english: str
    KINDS: ClassVar[dict[str, type[Phrase]]] = {}

    def __init_subclass__(cls) -> None:
        Phrase.KINDS[cls.__name__.lower()] = cls

    def rendered(self) -> str:
        """In the language in use."""
        raise NotImplementedError

    def parts(self) -> dict[str, object]:
        """The arguments that make it anew."""
        raise NotImplementedError

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> Phrase:
        """A phrase from its `parts`."""
        raise NotImplementedError

    def _keep(self, **fields: object) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        with use("en"):
            object.__setattr__(self, "_english", self.rendered())

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} does not change")

    def __reduce__(self) -> tuple[Callable[..., Phrase], tuple[object, ...]]:
        return type(self).of, (self.parts(),)

    def __str__(self) -> str:
        return self._english

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._english!r})"

    def __format__(self, spec: str) -> str:
        return format(self._english, spec)

    def __bool__(self) -> bool:
        return bool(self._english)

    def __contains__(self, text: object) -> bool:
        return str(text) in self._english

    def __hash__(self) -> int:
        return hash(self._english)

    def __eq__(self, other: object) -> bool:
        return self._english == str(other) if isinstance(other, str | Phrase) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._english < str(other) if isinstance(other, str | Phrase) else NotImplemented


class Message(Phrase):
    """A template, which is a literal in the sources so that the catalogue finds it, and values for its braces.

    Values are numbers, texts, other phrases, or lists of them; a template may format numbers (`{x:.3g}`). They are
    never templates: braces in them stay. Without values the template is said as it stands.
    """

    __slots__ = ("_values", "template")
    template: str
    _values: tuple[tuple[str, object], ...]

    def __init__(self, template: str, /, **values: object) -> None:
        kept = tuple((name, _frozen(value)) for name, value in values.items())
        self._keep(template=template, _values=kept)

    @property
    def values(self) -> dict[str, object]:
        """What stands in the braces."""
        return dict(self._values)

    def rendered(self) -> str:
        """In the language in use."""
        return tr(self.template, **self.values)

    def parts(self) -> dict[str, object]:
        """Template, and values if there are any."""
        return {"template": self.template, **({"values": self.values} if self._values else {})}

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> Self:
        """A message from its `parts`."""
        values: Any = parts.get("values", {})
        return cls(str(parts["template"]), **values)


def _frozen(value: object) -> object:
    """A value that nobody changes afterwards, in Python's own types."""
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, BaseException):
        return said_by(value)
    if hasattr(value, "item"):  # a number of numpy
        return value.item()
    plain = value is None or isinstance(value, bool | int | float | str | Phrase)
    return value if plain else str(value)


def joined(*sentences: str | Phrase) -> str:
    """Sentences one after another: Chinese ones follow without a blank. Empty ones are left out."""
    return ("" if current() == "zh" else " ").join(shown(s) for s in sentences if s)


class Joined(Phrase):
    """Sentences one after another, see `joined`."""

    __slots__ = ("sentences",)
    sentences: tuple[object, ...]

    def __init__(self, *sentences: str | Phrase) -> None:
        self._keep(sentences=sentences)

    def rendered(self) -> str:
        """In the language in use."""
        return joined(*self.sentences)  # type: ignore[arg-type] # only `_keep` sets them

    def parts(self) -> dict[str, object]:
        """The sentences."""
        return {"sentences": self.sentences}

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> Self:
        """Sentences from their `parts`."""
        sentences: Any = parts["sentences"]
        return cls(*sentences)


def said_by(error: BaseException) -> str | Phrase:
    """The message of an error: the phrase that it was raised with, or its text."""
    first = error.args[0] if len(error.args) == 1 else None
    return first if isinstance(first, Phrase) else str(error)


Text = str | Phrase  # what a person reads: in one language, or in each
