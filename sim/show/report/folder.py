"""A result folder of any command, as a report reads it: manifest, tables, figures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from sim.language import Message, Text, current, unpacked
from sim.runs.sealed import Damaged, read_sealed
from sim.scenario import terms
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.studies.results import CHECKSUMS, FIGURES, MANIFEST, RUN, ResultError, check
from sim.studies.study import WORDS
from sim.studies.tables import read_csv, read_table

OF_MANY = ("held_out", "left_out")  # tables of commands about several places, which a column names
DRAWN = {"paths"}  # tables that a figure shows better


@dataclass(frozen=True)
class FigureFile:
    """A figure with the words that it carries for those who cannot see it. `part`: the place, where there are many."""

    part: str
    name: str
    title: str
    caption: str
    png: bytes
    width: int
    height: int
    language: str = "en"


@dataclass(frozen=True)
class TableFile:
    """A table of the folder."""

    part: str
    name: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class ResultFolder:
    """All that a report is made of."""

    path: Path
    manifest: dict[str, Any]
    run: dict[str, Any]
    tables: tuple[TableFile, ...]
    figures: tuple[FigureFile, ...]

    @property
    def sentences(self) -> list[Text]:
        """The answer in sentences, as its study has said it; empty where the folder has none."""
        return self._said("sentences")

    @property
    def warnings(self) -> list[Text]:
        """What a reader must know beside the tables, and that nothing tells whether they are whole."""
        bare = Message(
            "This folder has no manifest: it is unfinished, or its command writes none. Nothing tells whether its "
            "files are whole and unchanged."
        )
        return [*([] if self.manifest else [bare]), *self._said("messages")]

    def _said(self, what: str) -> list[Text]:
        said = self.manifest.get(WORDS, {})
        return [unpacked(text, said["phrases"].get(text)) for text in said.get(what, ())]

    @property
    def command(self) -> str:
        """The command that wrote it; empty where nothing says so."""
        said = self.manifest.get("command") or self.run.get("command")
        return str(said) if said else self.path.name.partition("-")[0]

    def table(self, name: str, part: str = "") -> pd.DataFrame | None:
        """A table by name."""
        return next((t.frame for t in self.tables if t.name == name and t.part == part), None)

    @property
    def readable(self) -> tuple[TableFile, ...]:
        """The tables that people read: without what only a figure is drawn from."""
        return tuple(t for t in self.tables if t.name not in DRAWN)

    @property
    def parts(self) -> tuple[str, ...]:
        """The places that have tables of their own; one empty name where there is one place."""
        return tuple(dict.fromkeys(t.part for t in self.tables)) or ("",)

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places."""
        if "comparison" in self.manifest:
            return tuple(self.manifest["comparison"]["places"])
        if "scenario" in self.manifest:
            return (str(self.manifest["place"]),)
        asked = self.manifest.get("asked")
        if isinstance(asked, dict) and asked.get("place"):
            return (str(asked["place"]),)
        told = [t.frame["place"] for t in self.tables if t.name in OF_MANY and "place" in t.frame]
        if told:
            return tuple(dict.fromkeys(str(name) for column in told for name in column))
        name = self.path.name.removeprefix(f"{self.command}-")
        return (name,) if name != self.command else ()

    def title(self, name: str) -> str:
        """What a reader calls a place: in English the name that is typed, in Chinese its own."""
        place = self.place(name) if name and current() != "en" else None
        return terms.title(place.title) if place else name

    def place(self, name: str) -> Place | None:
        """The scenario of a place: the one that was run, else the one of that name; None if there is none."""
        if "scenario" in self.manifest and name == self.manifest.get("place"):
            return Place.model_validate(self.manifest["scenario"])
        try:
            return load_place(name)
        except (ScenarioError, OSError):
            return None


def read_folder(path: Path) -> ResultFolder:
    """Read a folder. Raises ResultError where there is nothing that a command wrote."""
    if path.name == MANIFEST:
        path = path.parent
    if not path.is_dir():
        raise ResultError(
            Message(
                "{path} is no result folder. `run` and `compare` write some, such as results/liucheng.",
                path=path,
            )
        )
    manifest = _json(path / MANIFEST)
    if manifest:
        check(path, manifest)
        tables = [path / name for name in manifest.get("files", {}) if name.endswith(".csv")]
    else:
        tables = [t for t in path.rglob("*.csv") if "chunks" not in t.relative_to(path).parts]
    if not manifest and not tables:
        raise ResultError(
            Message(
                "{path} holds no {manifest} and no tables. Name a folder that a command has written.",
                path=path,
                manifest=MANIFEST,
            )
        )
    return ResultFolder(
        path.resolve(),
        manifest,
        _json(path / RUN),
        tuple(_table(path, file) for file in sorted(tables)),
        tuple(_figures(path, checked=bool(manifest))),
    )


def table_of(folder: Path, name: str) -> pd.DataFrame | None:
    """A table of another folder that a report reads beside its own; None where that is not there, or not finished.

    Raises ResultError where it is not what was written.
    """
    manifest = _json(folder / MANIFEST)
    if name not in manifest.get("files", ()):
        return None
    check(folder, manifest, (name,))
    return read_csv(folder / name, dtype={"reported": str})


def _json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return read_sealed(path)
    except (OSError, Damaged) as error:
        raise ResultError(
            Message("{path} cannot be used: {error}. Run its command again.", path=path, error=error)
        ) from None


def _part(path: Path, file: Path) -> str:
    inside = file.parent.relative_to(path).parts
    return "/".join(p for p in inside if p != "figures")


def _table(path: Path, file: Path) -> TableFile:
    try:
        frame = read_table(file)
    except ValueError as error:
        raise ResultError(
            Message("{file} is damaged ({error}). Run its command again.", file=file, error=error)
        ) from None
    return TableFile(_part(path, file), file.stem, frame)


def _figures(path: Path, checked: bool) -> list[FigureFile]:
    """All figures; of a folder with a manifest only those whose digests were written beside them."""
    out = []
    for folder in sorted(f for f in path.rglob(FIGURES) if f.is_dir()):
        names = [f.name for f in folder.glob("*.png")]
        if checked:
            listed = _json(folder / CHECKSUMS)
            check(folder, listed, names := [n for n in listed.get("files", ()) if n.endswith(".png")])
        for name in sorted(names):
            data = (folder / name).read_bytes()
            try:
                out.append(figure_file(_part(path, folder / name), Path(name).stem, data))
            except OSError as error:
                raise ResultError(
                    Message(
                        "{folder} is damaged ({error}). Run its command again.",
                        folder=folder / name,
                        error=error,
                    )
                ) from None
    return out


def figure_file(part: str, name: str, png: bytes) -> FigureFile:
    """A figure from its bytes, with the words and the language that it says of itself. OSError if it is no picture."""
    with Image.open(io.BytesIO(png)) as image:
        width, height = image.size
        said = {k: str(v) for k, v in image.info.items() if k in ("Title", "Description", "Language")}
    title, language = said.get("Title", name.replace("_", " ")), said.get("Language", "en")
    return FigureFile(part, name, title, said.get("Description", ""), png, width, height, language)
