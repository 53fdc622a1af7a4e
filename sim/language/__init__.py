"""The language of labels: English texts are keys, and catalogues in `sim/locale` hold the others (GNU gettext).

What is said is a `Message`: a template and values, made where the thing is known. `str` of it is English; `shown` puts
it into the language in use, once, where a person reads it. What a machine reads is English in every language: tables,
manifests, names of metrics and files. Where a text is made and shown at the same place, write `tr("Filings")`, or
`tr("{n} villages", n=20)`: an f-string cannot be translated. `tr(name)` looks up a word that is known only when the
program runs; `sim/cli/catalogue.py` lists all such words.
"""

from sim.language.catalogue import (
    CATALOGUES,
    FIELD,
    LANGUAGES,
    VARIABLE,
    current,
    default,
    in_english,
    known,
    marked,
    use,
)
from sim.language.message import Joined, Message, Phrase, Text, joined, said_by, shown, tr, tr_as
from sim.language.stored import english, found, kept, packed, unpacked
from sim.language.visible import visible

__all__ = [
    "CATALOGUES",
    "FIELD",
    "LANGUAGES",
    "VARIABLE",
    "Joined",
    "Message",
    "Phrase",
    "Text",
    "current",
    "default",
    "english",
    "found",
    "in_english",
    "joined",
    "kept",
    "known",
    "marked",
    "packed",
    "said_by",
    "shown",
    "tr",
    "tr_as",
    "unpacked",
    "use",
    "visible",
]
