"""What differs between two results: the scenario, and every metric."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.studies.difference import difference, paired
from sim.studies.results import Result, fitting, read_result
from sim.studies.study import Study, key_of


@dataclass(frozen=True)
class Diff(Study):
    """Two result folders, the second against the first."""

    command: ClassVar[str] = "diff"
    a: Result
    b: Result
    names: tuple[str, str]

    @property
    def identical(self) -> bool:
        """Whether all traces are the same."""
        return bool(self.a.manifest["trace_digest"] == self.b.manifest["trace_digest"])

    @cached_property
    def paired(self) -> bool:
        """Whether replications correspond: the same seed and the same disputes."""
        return paired(self.a, self.b)

    @cached_property
    def changes(self) -> list[tuple[str, Text, Text]]:
        """Leaves of the resolved scenarios that differ: path, value in A, value in B."""
        before, after = (
            {**r.manifest["scenario"], "measures": r.manifest.get("measures")} for r in (self.a, self.b)
        )
        return list(changed(before, after))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Every metric: means, B minus A, 95 % interval of the mean difference, and whether it excludes zero."""
        frame = difference(self.a, self.b)
        frame["unit"] = [KNOWN_METRICS[m].unit if m in KNOWN_METRICS else "" for m in frame["metric"]]
        frame["shown"] = (frame["low"] > 0) | (frame["high"] < 0)
        return frame

    def tables(self) -> dict[str, pd.DataFrame]:
        """`scenario` and `differences`."""
        scenario = pd.DataFrame(self.changes, columns=["path", "a", "b"])
        every = {"scenario": scenario, "differences": self.differences}
        return {name: frame for name, frame in every.items() if len(frame)}

    def manifest(self) -> dict[str, Any]:
        """Which results."""
        keys = [self.a.manifest["key"], self.b.manifest["key"]]
        return {"command": self.command, "key": key_of(keys), "a": self.names[0], "b": self.names[1]}

    def answer(self) -> dict[str, Any]:
        """The differences for programs, every metric among them."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "identical": self.identical,
            "paired": self.paired,
            "scenario": [dict(zip(("path", "a", "b"), change, strict=True)) for change in self.changes],
            "differences": self.differences,
        }


def diff(a: str | Path, b: str | Path) -> Diff:
    """Compare two result folders. Raises ResultError for one that cannot be read."""
    results = []
    for path in (Path(a), Path(b)):
        with fitting(path):
            results.append(read_result(path))
    found = Diff(results[0], results[1], (str(a), str(b)))
    with fitting(Path(b)):
        found.answer()  # everything that it reads of the manifests, which is kept
    return found


def changed(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Text, Text]]:
    """Leaves in which two resolved scenarios differ."""
    if isinstance(a, dict) and isinstance(b, dict) and not ("unit" in a and "unit" in b):
        for key in [*a, *(k for k in b if k not in a)]:
            yield from changed(a.get(key), b.get(key), f"{path}.{key}" if path else str(key))
    elif a != b:
        yield path, _short(a), _short(b)


def _short(x: Any) -> Text:
    if isinstance(x, dict) and "value" in x:
        return Message("{x} {unit}", x=str(x["value"]), unit=Term("unit", x["unit"]))
    text = json.dumps(x, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
