"""Words that a register has and nobody knows: all of them at once, and a file in which somebody says what they mean."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sim.language import Joined, Message
from sim.ledger.ledger import KINDS
from sim.ledger.words import OPEN_STILL, OTHERWISE, SETTLED, STAGE_NAMES, UNTOLD, WITHDRAWN
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown

COLUMNS = ("column", "word", "means", "rows", "first_line")
MEANINGS: dict[str, tuple[str, ...]] = {
    "kind": (*KINDS, UNTOLD),
    "outcome": (SETTLED, OTHERWISE, WITHDRAWN, OPEN_STILL, UNTOLD),
    "organisation": (*STAGE_NAMES.values(), UNTOLD),
}
MOST_SHOWN = 20
LONGEST = 30  # signs of a word; what is longer is a sentence, and may name somebody


@dataclass(frozen=True)
class Dictionary:
    """What words mean, by column: kinds, outcomes and organisations."""

    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def get(self, column: str, word: str) -> str | None:
        """The meaning of a word, or None where the file does not say."""
        return self.of.get(column, {}).get(word)


class UnknownWords(ScenarioError):
    """Words without a meaning. `text` is a mapping file to fill in."""

    def __init__(self, path: Path, unknown: Unknown) -> None:
        self.text = unknown.text()
        said = [
            Message("{column} {word} ({n} rows)", column=Message(column), word=shown(word), n=n)
            for (column, word), n in unknown.needed.most_common(MOST_SHOWN)
        ]
        problem = Message("{n} words have no meaning here: {words}", n=len(unknown.needed), words=said)
        near = next((x for c, w in unknown.needed if (x := nearest(w, MEANINGS[c]))), None)
        say = Message("Say what they mean in a mapping file, and run the command again with --mapping FILE.")
        remedy = Joined(Message("Did you mean {near}?", near=near), say) if near else say
        first = min(unknown.lines.values(), default=0)
        super().__init__([Fault(str(path), first, "", problem, remedy)])


@dataclass
class Unknown:
    """Collects words without a meaning. `needed` are those without which nothing can be done."""

    needed: Counter[tuple[str, str]] = field(default_factory=Counter)
    other: Counter[tuple[str, str]] = field(default_factory=Counter)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, column: str, word: str, line: int, *, needed: bool = True) -> None:
        """Note a word."""
        word = word if len(word) <= LONGEST else ""
        (self.needed if needed else self.other)[column, word] += 1
        self.lines.setdefault((column, word), line)

    def text(self) -> str:
        """The mapping file, its third column empty."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (column, word), n in (*self.needed.most_common(), *self.other.most_common()):
            if word:
                writer.writerow([column, word, "", n, self.lines[column, word]])
        for column, words in MEANINGS.items():
            writer.writerow([f"# {column}", " / ".join(words)])
        return "\ufeff" + out.getvalue()


def read_mapping(path: Path, rows: list[tuple[int, list[str]]]) -> Dictionary:
    """A mapping from the rows of its file. Raises ScenarioError with every line that is wrong."""
    names = [c.strip().lower() for c in rows[0][1]] if rows else []
    if not {"column", "word", "means"} <= set(names):
        raise ScenarioError(
            [
                Fault(
                    *(str(path), 1, ""),
                    Message("the columns are {header}", header=listed(names) or "none"),
                    Message("Write a header: column,word,means."),
                )
            ]
        )
    at = [names.index(n) for n in ("column", "word", "means")]
    found: dict[str, dict[str, str]] = {}
    faults = []
    for line, cells in rows[1:]:
        cells = [*map(str, cells), *([""] * len(names))]
        column, word, means = (cells[i].strip() for i in at)
        if not column or column.startswith("#") or not means:
            continue
        if means not in MEANINGS.get(column, ()):
            choice = listed(MEANINGS.get(column, tuple(MEANINGS)), 20)
            problem = Message("{word} means nothing for {column}", word=shown(means), column=column)
            faults.append(Fault(str(path), line, "", problem, Message("Write one of {words}.", words=choice)))
            continue
        found.setdefault(column, {})[word] = "" if means == UNTOLD else means
    if faults:
        raise ScenarioError(faults)
    return Dictionary(found)
