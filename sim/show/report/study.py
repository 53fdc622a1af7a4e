"""`report`: a result folder as a study, and the page that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message, Text, current
from sim.runs.atomic_files import can_be_written, write_atomically
from sim.scenario.errors import UserError
from sim.show.report.folder import ResultFolder, read_folder
from sim.studies.results import fitting
from sim.studies.study import Study, key_of

OURS = "village-disputes"  # every report says at its end what made it
MOST = 1 << 28  # bytes; no report is as large
NAME = "report.html"


@dataclass(frozen=True)
class Report(Study):
    """One page of a result folder: what it answers, figures, tables, and how to make it again."""

    command: ClassVar[str] = "report"
    folder: ResultFolder = field(repr=False)
    seed: int
    no_replay: bool

    @cached_property
    def html(self) -> str:
        """The page, in the language in use when it is first asked for; it needs nothing beside it."""
        from sim.show.report.page import page_of

        with fitting(self.folder.path):
            return page_of(self.folder, seed=self.seed, with_replay=not self.no_replay)

    @property
    def size(self) -> int:
        """Bytes of the page."""
        return len(self.html.encode())

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the folder that people read."""
        return {f"{t.part}/{t.name}" if t.part else t.name: t.frame for t in self.folder.readable}

    def sentences(self) -> list[Text]:
        """What the folder answers, in sentences, where it holds them."""
        return self.folder.sentences

    def messages(self) -> list[Text]:
        """That nothing tells whether the folder is whole, where it has no manifest."""
        return self.folder.warnings

    def manifest(self) -> dict[str, Any]:
        """What the page is made of."""
        about = [self.folder.manifest, self.seed, self.no_replay, current()]
        return {"command": self.command, "key": key_of(about), "folder": str(self.folder.path)}

    def answer(self) -> dict[str, Any]:
        """The folder and the size of its page."""
        return {"folder": self.folder.path, "bytes": self.size}

    def save(
        self,
        folder: str | Path | None = None,
        *,
        figures: bool = True,
        overwrite: bool = False,
        run: Any = None,
    ) -> Path:
        """Write the page into a file, by default `report.html` in the folder it is about; returns the file.

        Raises UserError for a file that is there and no report (unless `overwrite`), and where it cannot be written.
        """
        out = self.folder.path / NAME if folder is None else Path(folder)
        free(out, overwrite=overwrite)
        try:
            write_atomically(out, self.html.encode())
        except OSError as error:
            raise UserError(
                Message("{out} cannot be written: {strerror}", out=out, strerror=error.strerror or error)
            ) from None
        return out


def free(out: Path, *, overwrite: bool) -> None:
    """Raise UserError unless a page may be written to a file."""
    if out.is_dir():
        raise UserError(
            Message("{out} is a folder. Name a file in it, such as {example}.", out=out, example=out / NAME)
        )
    if out.exists() and not out.is_file():
        raise UserError(Message("{out} is no ordinary file. Name another.", out=out))
    if out.exists() and not overwrite and not _is_ours(out):
        raise UserError(
            Message("{out} exists and is no report. Name another file, or add --overwrite.", out=out)
        )
    can_be_written(out.parent)


def _is_ours(path: Path) -> bool:
    """Whether a file is a page that a report wrote: it says so below its head, and before its script."""
    with path.open("rb") as file:
        content = file.read(MOST)
    return content.startswith(b"<!DOCTYPE html>") and OURS.encode() in content


def report(folder: str | Path, *, seed: int = 1, no_replay: bool = False) -> Report:
    """One HTML page from the folder of any command: `report(...).save()` writes it beside what it shows.

    `seed` is that of the replay, a map of one replication day by day, which `no_replay` leaves out. Raises ResultError
    for what no command has written, and for a folder that was damaged or changed.
    """
    with fitting(Path(folder)):
        return Report(read_folder(Path(folder)), seed, no_replay)
