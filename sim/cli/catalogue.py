"""The catalogues of labels: `python -m sim.cli.catalogue` brings the Chinese one up to date. Needs Babel, to develop.

It gathers the texts of `tr(...)`, `Message(...)` and `marked(...)` in the sources and in the report's page, and the
words that are looked up when the program runs: `vocabulary()`. New ones come into `sim/locale/zh/LC_MESSAGES/sim.po`
without a translation, unused ones go; `sim.mo` beside it is compiled anew. A test fails while a translation is missing.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import sim.vocabulary as enums
from sim.cli.commands import COMMANDS
from sim.language import CATALOGUES, FIELD
from sim.ledger.ledger import KINDS
from sim.ledger.spans import STAGE_NAMES
from sim.model.pools import STAFF_LEVEL
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.effects_file import effects
from sim.scenario.evidence import REALISED
from sim.scenario.experiment import load_experiment
from sim.scenario.fields import quantities
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import FOLLOWED, KNOWN_METRICS
from sim.scenario.place import Exactness
from sim.scenario.policies import load_policy
from sim.scenario.quantity import Status
from sim.show.report.columns import COLUMNS, TABLES, WORDS
from sim.studies.listing import WHAT

SOURCES = Path(__file__).resolve().parents[1]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"tr": None, "marked": None, "Message": None}
PLAIN = '"Content-Type: text/plain; charset=utf-8\\n"'
Key = tuple[str, str]  # context, text


class Dateless(Catalog):
    """A catalogue whose header says nothing but its encoding: no dates, no versions."""

    @property  # type: ignore[misc] # read only: nothing sets it
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header's lines."""
        return [("Content-Type", "text/plain; charset=utf-8")]


def extracted() -> set[Key]:
    """Texts that stand in the sources."""
    found = extract_from_dir(
        SOURCES,
        method_map=[("**.py", "python"), ("show/report/page/*.html", "sim.cli.catalogue:template")],
        keywords=KEYWORDS,
    )
    return {("", str(text)) for _, _, text, _, _ in found}


def template(
    source: io.BufferedReader, keywords: object, tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's extractor for the page of the report: `tr("...")` or `tr('...')` within Jinja's braces."""
    text = source.read().decode()
    for match in re.finditer(r"""\btr\((?:"([^"]*)"|'([^']*)')""", text):
        yield text.count("\n", 0, match.start()) + 1, "tr", match[1] or match[2], []


def vocabulary() -> Iterator[Key]:
    """Words that are looked up by name: enumerations, metrics, units, mechanisms, columns, names of what is shipped."""
    for enum in (enums.Tier, enums.Kind, enums.Channel, enums.End):
        yield from (("", member.name.lower()) for member in enum)
    yield from (("", name) for name in (*Status, *Exactness, *STAFF_LEVEL, *KINDS, *STAGE_NAMES, *FOLLOWED))
    yield from (("staff", "police"), ("staff", "outside"), ("predict", "without"))
    for metric in KNOWN_METRICS.values():
        yield from (
            ("", text) for text in (metric.name, metric.unit, metric.layer, metric.by, metric.about) if text
        )
    for name, output in REALISED.items():
        yield from (("", text) for text in (name, output.about, *output.parts))
    yield from (("disputes", "count"), ("villages", "count"))
    for mechanism in MECHANISMS.values():
        yield from (("", text) for text in (mechanism.acts_at, mechanism.about, mechanism.pays))
        for name, q in mechanism.parameters().items():
            yield from (("", text) for text in (name, q.unit, q.note) if text)
    for evidence in effects().values():
        yield from (("", text) for text in (evidence.finding, evidence.searched) if text)
    yield from (("", name) for name in (*COLUMNS, *TABLES, *WORDS))
    yield from (("", what.capitalize()) for what in WHAT)
    for command in COMMANDS:
        yield "", command.about
        yield from (("", o.about) for o in command.options if o.about)
        yield from (("argument", o.placeholder) for o in command.options if o.placeholder)
    yield "argument", "COMMAND"
    yield from _shipped()


def _shipped() -> Iterator[Key]:
    """What the shipped scenarios say of themselves."""
    for name in names("places"):
        place = load_place(name)
        yield from (("", name), ("", place.about))
        yield from (("", text) for _, q in quantities(place) for text in (q.unit, q.note) if text)
    for name in names("policies"):
        load_policy(name)
        yield "", name
    for name in names("experiments"):
        yield "", name
        if is_comparison(name):
            yield "", load_comparison(name).comparison.about
            continue
        experiment = load_experiment(name).experiment
        yield "", experiment.about
        for outside in experiment.outside:
            yield from (("", text) for text in (outside.name, outside.figure.unit, outside.note) if text)


def po_file(language: str) -> Path:
    """The catalogue that people edit."""
    return CATALOGUES / language / "LC_MESSAGES" / "sim.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is."""
    path = po_file(language)
    if not path.is_file():
        return Catalog(language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue with every text that is used and no other; what is translated stays so."""
    old = {(m.context or "", str(m.id)): m.string for m in read(language) if m.id}
    new = Catalog(language, fuzzy=False, charset="utf-8")
    for context, text in sorted(extracted() | set(vocabulary()), key=lambda key: (key[1], key[0])):
        flags = ("python-brace-format",) if FIELD.search(text) else ()
        new.add(text, str(old.get((context, text), "")), flags=flags, context=context or None)
    return new


def as_po(catalogue: Catalog) -> bytes:
    """The bytes of the file that people edit. Without dates: the same catalogue gives the same bytes."""
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=True, width=0)
    head = f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n{PLAIN}\n\n'
    return head.encode() + out.getvalue()


def as_mo(language: str) -> bytes:
    """The bytes of the file that the program reads."""
    out = io.BytesIO()
    dateless = Dateless(language)
    for message in read(language):
        if message.id and message.string:
            dateless.add(message.id, message.string, context=message.context)
    write_mo(out, dateless)
    return out.getvalue()


def main() -> None:
    """Bring every catalogue up to date and compile it."""
    for language in sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir()):
        path = po_file(language)
        catalogue = updated(language)
        path.write_bytes(as_po(catalogue))
        path.with_suffix(".mo").write_bytes(as_mo(language))
        missing = sum(not m.string for m in catalogue if m.id)
        print(f"{language}: {len(catalogue)} texts, {missing} without a translation")


if __name__ == "__main__":
    main()
