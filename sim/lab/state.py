"""What the knobs of the page say, also as text: a policy expression, a command line, the query of an address."""

from __future__ import annotations

import base64
import shlex
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

OWN = "own"  # the name under which a place of the user's own stands in an address
LARGEST = 400_000  # characters of a place file
READINGS = ("both", "proportional", "target_driven")


@dataclass(frozen=True)
class Added:
    """A mechanism that is switched on beyond the practice, with what differs from its default."""

    mechanism: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def term(self) -> str:
        """As in a policy expression."""
        return "+" + self.mechanism + "".join(f":{key}={value}" for key, value in self.options)


@dataclass(frozen=True)
class State:
    """A place, what is switched on and off there, numbers that were moved, and how it is judged.

    `place` is the name of a shipped place, or `OWN` with its YAML in `text`. `sets` are pairs of path and number as
    `--set` takes them; `margin` is the change of the objective that would matter, in its unit.
    """

    place: str = "daliu"
    text: str = field(default="", repr=False)
    added: tuple[Added, ...] = ()
    removed: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    objective: str = "days_in_conflict_per_1000"
    margin: str = ""
    reading: str = "both"
    seed: int = 1

    @property
    def policy(self) -> str:
        """The expression of what is switched; `practice` where nothing is."""
        terms = "".join(one.term for one in self.added)
        return "".join(f"-{name}" for name in self.removed) + terms or "practice"

    def switched(
        self, mechanism: str, on: bool, practised: bool, options: Mapping[str, str] | None = None
    ) -> State:
        """The state with a mechanism on or off; `practised` says whether the place has it anyway."""
        added = tuple(one for one in self.added if one.mechanism != mechanism)
        removed = tuple(name for name in self.removed if name != mechanism)
        if practised and not on:
            removed = (*removed, mechanism)
        if not practised and on:
            added = (*added, Added(mechanism, tuple(sorted((options or {}).items()))))
        return replace(self, added=added, removed=removed)

    def moved(self, path: str, value: str | None) -> State:
        """The state with a number of the place set, or as its file has it."""
        kept = tuple(pair for pair in self.sets if pair[0] != path)
        return replace(self, sets=kept if value is None else (*kept, (path, value)))

    def command(self, file: str = "") -> str:
        """The command line that compares the same, as far as precision is concerned left to its defaults."""
        words = ["python", "run_sim.py", "compare", file or self.place, self.policy]
        for path, value in self.sets:
            words += ["--set", f"{path}={value}"]
        words += ["--objective", self.objective]
        if self.margin:
            words += ["--margin", f"{self.objective}={self.margin}"]
        if self.reading != "both":
            words += ["--reading", self.reading]
        words += ["--seed", str(self.seed)]
        return shlex.join(words)

    def pilot_command(self, file: str = "") -> str:
        """The command line that looks for a trial of what is switched."""
        words = ["python", "run_sim.py", "pilot", file or self.place, self.policy]
        for path, value in self.sets:
            words += ["--set", f"{path}={value}"]
        if self.reading != "both":
            words += ["--reading", self.reading]
        words += ["--seed", str(self.seed)]
        return shlex.join(words)

    def query(self) -> str:
        """The whole state as the query of an address; what is as in a fresh page is left out."""
        fresh = State()
        pairs: list[tuple[str, str]] = [("place", self.place)]
        if self.text:
            pairs.append(("file", packed(self.text)))
        pairs += [("add", one.term[1:]) for one in self.added]
        pairs += [("off", name) for name in self.removed]
        pairs += [("set", f"{path}={value}") for path, value in self.sets]
        for name in ("objective", "margin", "reading", "seed"):
            if getattr(self, name) != getattr(fresh, name):
                pairs.append((name, str(getattr(self, name))))
        return urlencode(pairs)


def from_query(pairs: Iterable[tuple[str, str]]) -> State:
    """The state of an address. Raises ValueError for what cannot be one; that a name exists is checked later."""
    single: dict[str, str] = {}
    added, removed, sets = [], [], []
    for key, value in pairs:
        if key == "add":
            name, *options = value.split(":")
            added.append(Added(name, tuple(_pair(option) for option in options)))
        elif key == "off":
            removed.append(value)
        elif key == "set":
            sets.append(_pair(value))
        else:
            single[key] = value
    reading = single.get("reading", "both")
    if reading not in READINGS:
        raise ValueError(f"reading={reading}")
    seed = single.get("seed", "1")
    if not (seed.isascii() and seed.isdigit() and len(seed) < 10):
        raise ValueError(f"seed={seed}")
    fresh = State()
    return State(
        place=single.get("place", fresh.place),
        text=unpacked(single["file"]) if "file" in single else "",
        added=tuple(added),
        removed=tuple(removed),
        sets=tuple(sets),
        objective=single.get("objective", fresh.objective),
        margin=single.get("margin", ""),
        reading=reading,
        seed=int(seed),
    )


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not (key and sign and value):
        raise ValueError(text)
    return key, value


def packed(text: str) -> str:
    """A text for an address: compressed, then base64."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(code: str) -> str:
    """The text of `packed`. Raises ValueError for what is none, or is larger than a place can be."""
    try:
        raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        reader = zlib.decompressobj()
        held = reader.decompress(raw, LARGEST)
        if reader.unconsumed_tail or not reader.eof:
            raise ValueError("file")
        return held.decode()
    except (zlib.error, ValueError):
        raise ValueError("file") from None
