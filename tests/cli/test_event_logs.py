"""`trace --export` and `fit` as a user runs them."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from tests.cli.terminal import PAIR, done, run_cli, run_process

Run = Callable[..., subprocess.CompletedProcess[str]]
HEADER = "case,activity,time,site,kind\n"


def refused(folder: Path, expected: str, *words: object, run: Run = run_cli) -> str:
    """Run a command that must refuse its input: one line, exit code 2, and no file more than before."""
    before = sorted(folder.iterdir())
    finished = run(folder, *words)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    (line,) = finished.stderr.splitlines()
    assert expected in line
    assert sorted(folder.iterdir()) == before
    return line


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that the program has written."""
    folder = tmp_path_factory.mktemp("ledger")
    done(folder, "trace", "daliu", "--export", "daliu.csv", "--known-only")
    return folder / "daliu.csv"


@pytest.mark.parametrize("name", ["log.xes", "log.json", "log.jsonocel", "log.csv", "log.parquet"])
def test_one_file_is_written(tmp_path: Path, name: str) -> None:
    text = done(tmp_path, "trace", PAIR, "--export", name)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert f"written to {name}" in text
    assert "A grievance arises" not in text  # the story is told only when asked for


def test_options_of_an_export(tmp_path: Path) -> None:
    def names(*words: object) -> tuple[set[str], int]:
        done(tmp_path, "trace", PAIR, "--export", "a", "--format", "csv", "--overwrite", *words)
        with (tmp_path / "a").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {r["activity"] for r in rows}, len(rows)

    (full, n), (ledger, m), (whole, more) = names(), names("--known-only"), names("--warm-up")
    assert "arose" in full
    assert "arose" not in ledger
    assert m < n < more
    assert full <= whole
    assert names("--recorded")[1] < m


def test_a_story_and_a_log_at_once(tmp_path: Path) -> None:
    text = done(tmp_path, "trace", PAIR, "--export", "a.xes", "--dispute", 3)
    assert "Dispute 3" in text
    assert (tmp_path / "a.xes").is_file()


def test_an_export_replaces_nothing_unasked(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine", "utf-8")
    refused(tmp_path, "exists already", "trace", PAIR, "--export", "mine.csv")
    assert (tmp_path / "mine.csv").read_text("utf-8") == "mine"
    done(tmp_path, "trace", PAIR, "--export", "mine.csv", "--overwrite")
    assert (tmp_path / "mine.csv").read_text("utf-8").startswith("case,activity,time,site,kind")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--export", "log.txt"), "--format"),
        (("--export", "."), "is a folder"),
        (("--known-only",), "Add --export FILE"),
        (("--format", "csv"), "Add --export FILE"),
        (
            ("--export", "a.csv", "--recorded", "--set", "recording.reading=target_driven"),
            "recording.reading=proportional",
        ),
    ],
)
def test_exports_that_cannot_be(tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    refused(tmp_path, expected, "trace", PAIR, *words)


def test_a_ledger_becomes_a_valid_place(tmp_path: Path, ledger: Path) -> None:
    before = ledger.read_bytes()
    text = done(tmp_path, "fit", ledger, "--persons", 14091, "--villages", 8, "--estimates", "e.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["daliu.yaml", "e.csv"]
    assert ledger.read_bytes() == before
    assert "Not identified by a ledger: keeps its prior." in text
    assert "disputes nobody recorded" in text
    assert "1 of 1 place(s) valid" in done(tmp_path, "validate", "daliu.yaml")
    with (tmp_path / "e.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["group"] for r in rows} == {
        *("arrivals", "townships", "villages", "season", "kinds", "durations", "routing", "parameters")
    }
    for r in rows:
        assert float(r["low"]) <= float(r["value"]) <= float(r["high"])


def test_csv_and_xes_say_the_same(tmp_path: Path) -> None:
    for suffix in ("csv", "xes"):
        done(tmp_path, "trace", "daliu", "--export", f"l.{suffix}", "--known-only")
        words = ("--from", "2021-01-01", "--to", "2021-11-02") if suffix == "csv" else ()
        done(tmp_path, "fit", f"l.{suffix}", "--out", f"{suffix}.yaml", "--estimates", f"{suffix}.e", *words)
    found = {}
    for suffix in ("csv", "xes"):
        with (tmp_path / f"{suffix}.e").open(encoding="utf-8") as file:
            found[suffix] = [{**row, "rests_on": ""} for row in csv.DictReader(file)]
    assert found["csv"] == found["xes"]


def test_a_log_that_another_program_has_written_again(pm4py: Any, tmp_path: Path) -> None:
    done(tmp_path, "trace", "daliu", "--export", "own.xes", "--known-only")
    pm4py.write_xes(pm4py.read_xes(str(tmp_path / "own.xes")), str(tmp_path / "other.xes"))
    window = ("--from", "2021-01-01", "--to", "2021-11-02")
    for name in ("own", "other"):
        done(tmp_path, "fit", f"{name}.xes", "--estimates", f"{name}.csv", *window)
    assert (tmp_path / "own.csv").read_text("utf-8") == (tmp_path / "other.csv").read_text("utf-8")


def test_entities_do_not_blow_up(tmp_path: Path) -> None:
    names = "abcdefgh"
    bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 16}">' for a, b in pairwise(names))
    text = f'<!DOCTYPE log [<!ENTITY a "{"a" * 64}">{bomb}]><log><string key="x" value="&h;"/></log>'
    (tmp_path / "bomb.xes").write_text(text, "utf-8")
    refused(tmp_path, "bomb.xes:1: is no XML", "fit", "bomb.xes")


def test_a_fit_replaces_nothing_unasked(tmp_path: Path, ledger: Path) -> None:
    (tmp_path / "daliu.yaml").write_text("mine", "utf-8")
    refused(tmp_path, "exists already", "fit", ledger)
    (tmp_path / "own.csv").write_bytes(ledger.read_bytes())
    refused(tmp_path, "is the ledger itself", "fit", "own.csv", "--out", "own.csv", "--overwrite")
    done(tmp_path, "fit", ledger, "--overwrite")
    assert (tmp_path / "daliu.yaml").read_text("utf-8").startswith("# Written by `fit`")


def test_columns_and_words_of_another_ledger(tmp_path: Path) -> None:
    rows = ["案号,环节,时间,村,类型"]
    for i in range(40):
        rows.append(f"{i},受理,2023/3/{1 + i % 20} 08:00,{'东西'[i % 2]}村,吵架")
        rows.append(f"{i},成功,2023/4/{1 + 7 * i % 20} 08:00,{'东西'[i % 2]}村,吵架")
    (tmp_path / "台账.csv").write_text("\n".join(rows), encoding="gb18030")
    columns = ("case=案号", "activity=环节", "time=时间", "site=村", "kind=类型")
    words: list[object] = ["fit", "台账.csv", "--out", "dongxi.yaml"]
    words += [x for c in columns for x in ("--column", c)]
    words += ["--activity", "受理=known at village", "--activity", "成功=settled at village"]
    # A word that nobody knows: a file to fill in, and what to do with it.
    finished = run_cli(tmp_path, *words)
    assert finished.returncode == 2
    assert "kind '吵架' (80 rows)" in finished.stderr
    assert "--mapping 台账_words.csv" in finished.stderr
    (tmp_path / "台账_words.csv").write_text("column,word,means\nkind,吵架,neighbour\n", "utf-8")
    text = done(tmp_path, *words, "--mapping", "台账_words.csv")
    assert "receipt to end: median" in text
    assert "known: neighbour" in text
    (tmp_path / "dongxi.yaml").unlink()
    done(tmp_path, *words, "--kind", "吵架=neighbour")
    assert "1 of 1 place(s) valid" in done(tmp_path, "validate", "dongxi.yaml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "bad.csv: the ledger is empty. Write a header: case,activity,time,site,kind."),
        (HEADER, "bad.csv: the ledger has no rows."),
        ("case,activity,when,site\n1,a,2023-01-01,x\n", "bad.csv:1: there is no column 'time'"),
        ("case;activity;time;site\n1;a;2023-01-01;x\n", "has less than two days."),
        ("case,case,activity,time,site\n", "bad.csv:1: the column 'case' is there twice."),
        (HEADER + "1,a,2023-01-01,x,land\n1,b,2023-13-01,x,land\n", "bad.csv:3: '2023-13-01' is no time"),
        (HEADER + "1,a,yesterday,x,land\n2,b,soon,x,land\n", "2 of 2 rows cannot be used."),
        (HEADER + ",a,2023-01-01,x,land\n", "bad.csv:2: the case is empty. Write the number of the case."),
        (HEADER + "1,,2023-01-01,x,land\n", "bad.csv:2: the activity is empty."),
        (HEADER + "1,a,,x,land\n", "bad.csv:2: the time is empty. Write 2023-05-04 09:30"),
        (HEADER + "1,a,2023-01-01,,land\n", "bad.csv:2: no row names a village."),
        (HEADER + "1,a,2023-01-01,x\n", "bad.csv:2: the row has 4 cells, the header 5."),
        (HEADER + '1,a,2023-01-01,"x,land\n', "bad.csv:2: the row is no CSV"),
        (HEADER + "1,a,2023-01-01,x,land\n", "has less than two days. Write the first and last day"),
        (
            HEADER + "1,a,1990-01-01,x,land\n1,b,2023-01-01,x,land\n",
            "is longer than 6900 days. Correct the years",
        ),
    ],
)
def test_bad_ledgers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
    expected: str,
) -> None:
    (tmp_path / "bad.csv").write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["fit", "bad.csv"]) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert expected in line
    assert said.out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.slow
def test_a_bad_ledger_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(HEADER + "1,a,2023-01-01,x,land\n1,b,soon,x,land\n", "utf-8")
    refused(tmp_path, "bad.csv:3: 'soon' is no time", "fit", "bad.csv", run=run_process)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<log>\n<trace>\n", "bad.xes:3: is no XML"),
        (
            '<log>\n<trace>\n<string key="concept:name" value="1"/>\n<event>\n'
            '<string key="concept:name" value="a"/>\n</event></trace></log>',
            "bad.xes:4: the time is empty.",
        ),
        (
            '<log><trace>\n<string key="concept:name" value="1"/>\n<event>\n'
            '<string key="concept:name" value="a"/><date key="time:timestamp" value="2023-01-01"/>'
            "</event></trace></log>",
            "bad.xes:3: no row names a village.",
        ),
        ("<log></log>", "bad.xes: the ledger has no rows."),
    ],
)
def test_bad_xes(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "bad.xes").write_text(content, "utf-8")
    refused(tmp_path, expected, "fit", "bad.xes")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nowhere.csv",), "nowhere.csv: the ledger does not exist."),
        ((".",), "the ledger is a folder."),
        (("{ledger}", "--column", "kase=x"), "Did you mean case?"),
        (("{ledger}", "--column", "case"), "write two words with = between them"),
        (("{ledger}", "--activity", "x=known at pub"), "no activity of docs/event_logs.md"),
        (("{ledger}", "--kind", "x=lend"), "Did you mean land?"),
        (("{ledger}", "--villages", "3"), "the ledger has"),
        (("{ledger}", "--townships", "30"), "Write at most as many."),
        (("{ledger}", "--name", "A b"), "small letters"),
        (("{ledger}", "--from", "2030-01-01", "--to", "2030-12-31"), "Correct --from and --to."),
        (("{ledger}", "--encoding", "klingon"), "there is no encoding 'klingon'"),
        (("{ledger}", "--sizes", "nowhere.csv"), "nowhere.csv cannot be read"),
    ],
)
def test_bad_words(tmp_path: Path, ledger: Path, words: tuple[str, ...], expected: str) -> None:
    refused(tmp_path, expected, "fit", *(w.replace("{ledger}", str(ledger)) for w in words))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "who,persons\n",
            "sizes.csv:1: the columns are who and persons. Write a header: site,persons.",
        ),
        ("site,persons\nvillage 1,many\n", "sizes.csv:2: persons is no number."),
        ("site,persons\nvillage 1,10\nvillage 1,20\n", "sizes.csv:3: the site is there twice."),
        ("site,persons\nvillage 1,10\n", "of the ledger are not in it. Add a row for each site."),
    ],
)
def test_bad_sizes(tmp_path: Path, ledger: Path, content: str, expected: str) -> None:
    (tmp_path / "sizes.csv").write_text(content, "utf-8")
    refused(tmp_path, expected, "fit", ledger, "--sizes", "sizes.csv")


def test_ocel_of_the_command_line_is_json(tmp_path: Path) -> None:
    done(tmp_path, "trace", PAIR, "--export", "log.out", "--format", "ocel")
    assert set(json.loads((tmp_path / "log.out").read_text("utf-8"))) == {
        *("objectTypes", "eventTypes", "objects", "events")
    }
