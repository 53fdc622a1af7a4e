"""How far a register can be trusted, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Text
from sim.ledger.ledger import Ledger
from sim.ledger.quality import Committee, Finding, findings, months_of
from sim.studies.fit import as_ledger
from sim.studies.study import Sketch, Study, key_of


@dataclass(frozen=True)
class Quality(Study):
    """What reading a register found, and what in it looks written rather than counted."""

    command: ClassVar[str] = "quality"
    ledger: Ledger = field(repr=False)
    names: bool

    @cached_property
    def _found(self) -> tuple[list[Finding], list[Committee]]:
        return findings(self.ledger)

    @property
    def findings(self) -> list[Finding]:
        """All findings, by group."""
        return self._found[0]

    @property
    def committees(self) -> list[Committee]:
        """Committees whose rates no chance explains; none unless their names were asked for."""
        return self._found[1] if self.names else []

    def tables(self) -> dict[str, pd.DataFrame]:
        """`quality`, `noticed`, `months`; `apart` and `committees` where there are any."""
        noticed = pd.DataFrame(
            [(n.name, n.n, " ".join(map(str, n.lines)), n.text) for n in self.ledger.notices],
            columns=["name", "n", "first_lines", "about"],
        )
        months = pd.DataFrame(
            [(m, *counts) for m, counts in months_of(self.ledger).items()],
            columns=["month", "received", "closed", "open"],
        )
        apart = pd.DataFrame(self.ledger.apart, columns=["sheet", "line", "why"])
        odd = pd.DataFrame([astuple(c) for c in self.committees])
        rows = [astuple(f) for f in self.findings]
        return {
            "quality": pd.DataFrame(rows, columns=[f.name for f in fields(Finding)]),
            "noticed": noticed,
            "months": months,
            **({"apart": apart} if len(apart) else {}),
            **({"committees": odd} if len(odd) else {}),
        }

    def figures(self) -> dict[str, Sketch]:
        """`quality`: months, times to the end, and empty cells."""
        return {"quality": Sketch("quality", {"ledger": self.ledger, "findings": self.findings})}

    def messages(self) -> list[Text]:
        """What was noticed while reading."""
        return [notice.text for notice in self.ledger.notices]

    def manifest(self) -> dict[str, Any]:
        """Which ledger."""
        ledger = {"file": self.ledger.file, "sha256": self.ledger.sha256}
        return {"command": self.command, "key": key_of([ledger, self.names]), "ledger": ledger}

    def answer(self) -> dict[str, Any]:
        """Findings, notices and rows apart, for programs."""
        return {
            "ledger": {
                "file": self.ledger.file,
                "sha256": self.ledger.sha256,
                "cases": len(self.ledger.cases),
            },
            "findings": self.findings,
            "noticed": {n.name: n.n for n in self.ledger.notices},
            "rows_apart": self.ledger.apart,
            "committees": self.committees,
        }


def quality(
    ledger: str | Path,
    *,
    column: Mapping[str, str] | Sequence[str] = (),
    activity: Mapping[str, str] | Sequence[str] = (),
    kind: Mapping[str, str] | Sequence[str] = (),
    encoding: str | None = None,
    mapping: str | Path | None = None,
    sheet: str | None = None,
    site: str = "",
    first: date | None = None,
    last: date | None = None,
    names: bool = False,
) -> Quality:
    """What is in a register, what is missing, and what looks written rather than counted; options as in `fit`.

    `names` tells which committees have rates that no chance explains. Raises UserError and ScenarioError.
    """
    held = as_ledger(
        Path(ledger),
        column=column,
        activity=activity,
        kind=kind,
        encoding=encoding,
        mapping=mapping,
        sheet=sheet,
        site=site,
        first=first,
        last=last,
    )
    return Quality(held, names)
