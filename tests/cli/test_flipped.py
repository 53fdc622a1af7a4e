"""One bit of any file that any command keeps, flipped: it is refused with the remedy or made anew, never used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from sim.runs import posterior
from sim.runs.sealed import read_sealed
from sim.scenario.errors import ScenarioError
from sim.show.report.folder import read_folder, table_of
from sim.studies.folders import claimed, rewritten
from sim.studies.rerun import plan
from sim.studies.results import ResultError, finish
from sim.studies.tables import write_table
from tests.cli.terminal import OF_THE_RUN, PAIR, ROOT, digests, done, run_cli

OUT = ("--out", "out", "--no-figures", "--workers", 1)
WORDS: dict[str, tuple[object, ...]] = {
    "run": ("run", "daliu", "--replications", 4, "--out", "out", "--workers", 1),
    "nation": ("run", ROOT / "tests" / "data" / "small_nation.yaml", "--counties", 2, *OUT),
    "compare": ("compare", PAIR, "+whistle", "--replications", 4, *OUT),
    "select": ("select", PAIR, "+whistle", "--budget", 40, "--workers", 1, "--out", "out"),
    "optimise": ("optimise", PAIR, "whistle", "--hours", 4000, "--replications", 2, "--fresh", 2, *OUT),
    "sensitivity": ("sensitivity", PAIR, "none", "--draws", 60, "--replications", 2, *OUT),
    "before-after": (
        *("before-after", PAIR, "practice+whistle", "--start", "2022-06-01", "--before", 60, "--after", 60),
        *("--replications", 4, *OUT),
    ),
    "pilot": ("pilot", "daliu", "+whistle", "--months", 6, "--draws", 20, "--posterior", "none", *OUT),
    "audit": ("audit", PAIR, "--draws", 20, "--replications", 2, *OUT),
    "calibrate": ("calibrate", "daliu", "--effort", 0.04, "--draws", 20, "--repeats", 4, "--workers", 1),
    "predict": ("predict", "daliu", "--workers", 1),
    "quality": ("quality", "register.xlsx", "--out", "out"),
    "forecast": ("forecast", "register.xlsx", "--out", "out"),
}
FLIPS = 12  # in a file
NOT_READ = (*OF_THE_RUN[1:], "figures/*.svg")  # by no command


def flipped(content: bytes) -> Iterator[bytes]:
    """The content with one bit flipped, here and there."""
    for place in range(0, len(content), max(1, len(content) // FLIPS)):
        yield bytes([*content[:place], content[place] ^ 1 << place % 8, *content[place + 1 :]])


def refused(read: Callable[[], object]) -> bool:
    """Whether a reader refuses, and says what to do."""
    try:
        read()
    except (ResultError, ScenarioError) as error:
        return any(word in str(error) for word in ("again", "anew"))
    return False


def same_json(path: Path, content: bytes) -> bool:
    """Whether the flip changed nothing that is read, as a blank that became another."""
    try:
        return path.suffix == ".json" and json.loads(path.read_bytes()) == json.loads(content)
    except ValueError:
        return False


@pytest.mark.slow
@pytest.mark.usefixtures("few_shuffles")
@pytest.mark.parametrize("name", WORDS)
def test_no_flipped_bit_is_used(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if "register.xlsx" in WORDS[name]:
        done(tmp_path, "trace", "daliu", "--export", "register.xlsx")
    done(tmp_path, *WORDS[name])
    (manifest,) = (p for p in tmp_path.rglob("manifest.json") if "policies" not in p.parts)
    out, whole = manifest.parent, digests(tmp_path)
    listed = {"manifest.json", *read_sealed(manifest)["files"]}
    listed |= {"run.json"} if (out / "run.json").exists() else set()
    listed |= {p.relative_to(out).as_posix() for p in out.rglob("*.png")}
    listed |= {p.relative_to(out).as_posix() for p in out.rglob("checksums.json")}
    here = [p for p in out.rglob("*") if p.is_file() and "chunks" not in p.parts and p.name not in NOT_READ]
    read = [p for p in here if p.suffix != ".svg"]
    assert {p.relative_to(out).as_posix() for p in read} == listed, "a file that nothing vouches for"
    for path in read:
        before = path.read_bytes()
        for content in flipped(before):
            path.write_bytes(content)
            assert refused(lambda: read_folder(out)) or same_json(path, before), path
            if path == manifest and name not in ("quality", "forecast"):
                assert refused(lambda: plan(out)) or same_json(path, before)
        path.write_bytes(before)
    for path in (tmp_path / "scenarios").rglob("*.json"):
        before = path.read_bytes()
        for content in flipped(before):
            path.write_bytes(content)
            assert refused(lambda path=path: posterior.load(path)) or same_json(path, before)
        path.write_bytes(before)
    kept = [p for p in tmp_path.rglob("*.parquet") if p.name[0].isdigit()]
    for path in kept:
        path.write_bytes(next(iter(flipped(path.read_bytes()[::-1])))[::-1])
    for path in read:
        if path != manifest:
            path.write_bytes(next(iter(flipped(path.read_bytes()))))
    found = run_cli(tmp_path, *WORDS[name], *(["--overwrite"] if name in ("quality", "forecast") else []))
    assert found.returncode == 0, found.stderr
    assert all(path.name in caplog.text for path in kept)
    now = digests(tmp_path)
    assert {n: now[n] for n in whole if "policies" not in n} == {
        n: whole[n] for n in whole if "policies" not in n
    }


def finished(folder: Path, name: str) -> Path:
    """A folder of one table that a command has finished."""
    with claimed(folder, "k", named_by_user=True) as path, rewritten(path, "k"):
        write_table(path / name, pd.DataFrame({"parameter": ["villages.mediators"], "index": [0.5]}))
        finish(path, {"command": "sensitivity", "key": "k"})
    return path / name


def test_tables_of_other_folders_that_a_report_reads_are_checked(tmp_path: Path) -> None:
    path = finished(tmp_path / "sensitivity-daliu", "indices.csv")
    frame = table_of(path.parent, "indices.csv")
    assert frame is not None and frame["index"].tolist() == [0.5]
    path.write_text(path.read_text().replace("0.5", "0.7"))
    assert refused(lambda: table_of(path.parent, "indices.csv"))
    (path.parent / "manifest.json").unlink()
    assert table_of(path.parent, "indices.csv") is None, "nothing vouches for it"
    shutil.rmtree(path.parent)
    assert table_of(path.parent, "indices.csv") is None


def test_texts_and_plans_are_listed_with_the_tables(tmp_path: Path) -> None:
    with claimed(tmp_path / "out", "k", named_by_user=True) as out, rewritten(out, "k"):
        for name in ("plan.yaml", "answer.txt", "a.csv"):
            (out / name).write_text("a\n1\n")
        finish(out, {"command": "pilot", "key": "k"})
    assert set(read_sealed(out / "manifest.json")["files"]) == {"plan.yaml", "answer.txt", "a.csv"}
    (out / "plan.yaml").write_text("b\n")
    assert refused(lambda: read_folder(out))
