"""Result folders: what was cut, flipped or edited since it was written is refused with the remedy, never used."""

from __future__ import annotations

import copy
import functools
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image

from sim.cli import main
from sim.cli.errors import user_errors
from sim.runs import fingerprint
from sim.runs.batch import Batch
from sim.runs.executors.local import SerialExecutor
from sim.runs.place_run import PlaceRun
from sim.runs.sealed import Damaged, check_digests, digests, read_sealed, sealed
from sim.show.figures.painter import Matplotlib
from sim.show.report.folder import ResultFolder, read_folder
from sim.show.report.study import report
from sim.studies.county import County
from sim.studies.diff import diff
from sim.studies.rerun import plan
from sim.studies.results import Result, ResultError, read_result
from sim.studies.run import Ran
from sim.studies.study import Sketch, paint_with
from tests.places import rich_place

T = TypeVar("T")
SIZE = {"population": {"persons": 2000}, "villages": {"count": 2}, "townships": {"count": 1}}
TABLES = ("outcomes.parquet", "series.parquet", "summary.csv")


class Dot:
    """A painter that is quick."""

    def draw(self, sketch: Sketch) -> None:
        raise NotImplementedError

    def save(self, sketches: Mapping[str, Sketch], folder: Path) -> list[Path]:
        """One figure for all."""
        png = io.BytesIO()
        Image.new("RGB", (2, 2), "red").save(png, "png")
        folder.mkdir(exist_ok=True)
        (folder / "dot.png").write_bytes(png.getvalue())
        return [folder / "dot.png"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, place = tmp_path_factory.mktemp("results") / "small", rich_place(**SIZE)
    job = PlaceRun(place, 1, "reference")
    batch = Batch([job.case], [job.pairs(3)], folder / "chunks").complete(executor=SerialExecutor())
    paint_with(Dot())
    Ran(County(place.name, place), job, 3, batch).keep(folder, job.key, run={"seconds": 1.0})
    paint_with(Matplotlib())
    return folder


@pytest.fixture
def folder(written: Path) -> Iterator[Path]:
    """The folder, put back as it was after every test."""
    before = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()}
    yield written
    for path in set(written.rglob("*")) - before.keys():
        if path.is_file():
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)


def of_report(folder: Path) -> ResultFolder | None:
    return tried(lambda: read_folder(folder))


def of_diff(folder: Path) -> Result | None:
    return tried(lambda: read_result(folder))


def tried(read: Callable[[], T]) -> T | None:
    """What is read; None where it is refused with the remedy."""
    try:
        return read()
    except ResultError as error:
        if "again" in str(error):
            return None
        raise


def damaged(content: bytes, most: int) -> Iterator[bytes]:
    """The content with one bit flipped here and there, at most so often, and cut at the same places."""
    for place in range(0, len(content), max(1, len(content) // most)):
        yield content[:place]
        yield bytes([*content[:place], content[place] ^ 1 << place % 8, *content[place + 1 :]])


def test_the_manifest_lists_every_table_and_all_that_decides_digits(folder: Path) -> None:
    manifest = read_sealed(folder / "manifest.json")
    assert set(manifest["files"]) == set(TABLES)
    assert manifest["versions"].items() >= fingerprint.libraries().items()
    assert {"numba", "Python", "chinesecalendar", "village-disputes"} <= manifest["versions"].keys()
    assert set(read_sealed(folder / "figures" / "checksums.json")["files"]) == {"dot.png"}
    report = read_folder(folder)
    assert [t.name for t in report.tables] == ["summary"] and [f.name for f in report.figures] == ["dot"]
    assert of_diff(folder) is not None


@pytest.mark.parametrize("name", [*TABLES, "figures/dot.png"])
def test_no_damaged_table_or_figure_is_used(folder: Path, name: str) -> None:
    path = folder / name
    for content in damaged(path.read_bytes(), 60):
        path.write_bytes(content)
        assert of_report(folder) is None
        assert name not in TABLES or of_diff(folder) is None
    path.unlink()
    assert of_report(folder) is None


@pytest.mark.parametrize("name", ["manifest.json", "run.json", "figures/checksums.json"])
def test_no_damaged_document_is_used(folder: Path, name: str) -> None:
    path = folder / name
    whole, every = path.read_bytes(), json.loads(path.read_bytes())
    for content in damaged(whole, 600):
        path.write_bytes(content)
        assert of_report(folder) is None or json.loads(path.read_bytes()) == every
        if name == "manifest.json":
            assert of_diff(folder) is None or json.loads(path.read_bytes()) == every


def test_a_file_that_nobody_listed_is_not_shown(folder: Path) -> None:
    (folder / "more.csv").write_text("a,b\n1,2\n")
    (folder / "figures" / "more.png").write_bytes((folder / "figures" / "dot.png").read_bytes())
    report = read_folder(folder)
    assert [t.name for t in report.tables] == ["summary"] and [f.name for f in report.figures] == ["dot"]


def test_a_manifest_without_checksum_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["checksum"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert of_report(folder) is None and of_diff(folder) is None
    del manifest["files"]
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), "utf-8")
    assert of_diff(folder) is None, "a manifest that lists nothing vouches for nothing"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("report",), "manifest.json"),
        (("report",), "summary.csv"),
        (("rerun",), "manifest.json"),
        (("diff", "again"), "manifest.json"),
        (("diff", "again"), "outcomes.parquet"),
    ],
)
def test_commands_say_what_is_wrong_and_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], name: str
) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    code = main([command[0], *(str(folder) for _ in command)])
    said = capsys.readouterr().err
    assert code == 2, said
    assert name in said and "again" in said and "Traceback" not in said


def places_in(x: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values of a JSON document."""
    inside = x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from places_in(value, (*path, key))


WORDS = (None, -1, 1e308, 10**30, "", "[/b]", [], {}, [[]], {"a": 1}, True, "9999-12-31")


def test_a_manifest_whose_checksum_was_renewed_is_used_or_refused(folder: Path) -> None:
    """Anything may stand in it: every reader takes it, or says in a message that it does not fit."""
    luck, whole = random.Random(22), json.loads((folder / "manifest.json").read_text("utf-8"))
    every = [path for path in places_in(whole) if path[0] not in ("checksum", "files")]
    refused = 0
    for number, path in enumerate([p for p in every if len(p) == 1] + luck.sample(every, 30)):
        edited = copy.deepcopy(whole)
        inside = functools.reduce(lambda x, key: x[key], path[:-1], edited)
        if number % 4:
            inside[path[-1]] = luck.choice(WORDS)
        else:
            del inside[path[-1]]
        (folder / "manifest.json").write_text(json.dumps(sealed(edited)), "utf-8")
        readers: list[Callable[[], object]] = [lambda: plan(folder), lambda: diff(folder, folder)]
        if number % 5 == 0:
            readers.append(lambda: report(folder, no_replay=True).html)
        for reader in readers:
            try:
                reader()
            except user_errors() as error:
                refused += bool(str(error))
    assert refused > 20


def test_a_report_of_a_folder_without_manifest_says_so(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    assert main(["report", str(folder), "--no-replay"]) == 0
    assert "This folder has no manifest" in (folder / "report.html").read_text("utf-8")


def test_a_document_comes_back_as_it_was_written() -> None:
    content = {"b": (1, 2.5, None), "a": {"中": "文", "2": [True]}}
    one = sealed(content)
    assert sealed(one) == one
    assert one == sealed(dict(reversed(content.items())))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"a": 1}', '{"a": 1, "checksum": ""}', "[" * 100_000]
)
def test_what_is_no_sealed_document_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.json"
    path.write_text(text)
    with pytest.raises(Damaged):
        read_sealed(path)


def test_no_endless_file_is_read() -> None:
    with pytest.raises(Damaged, match="no file"):
        read_sealed(Path("/dev/zero"))


def test_digests_leave_out_what_is_not_asked_for(tmp_path: Path) -> None:
    for name in ("a.csv", "b.txt", ".c.csv", "chunks/d.csv", "e/f.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = digests(tmp_path, (".csv",), ("chunks",))
    assert list(found) == ["a.csv", "e/f.csv"]
    check_digests(tmp_path, found)
    with pytest.raises(Damaged, match="not among"):
        check_digests(tmp_path, found, ["b.txt"])
