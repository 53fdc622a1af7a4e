"""What a user wrote is data in every medium: it comes out whole, and none of it is markup, code or a formula."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import json
import re
import shutil
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from rich.table import Table

from sim.export.cells import as_written, inert
from sim.language import visible
from sim.scenario.new_place import News, place_text
from sim.scenario.yaml_text import comment, quoted
from sim.scenario.yaml_tree import parse
from sim.show.text.check import github_lines
from sim.show.text.console import console
from sim.studies.tables import read_csv, write_table
from tests.cli.terminal import PAIR, ROOT, done, run_cli

TITLE = r"X [old] [/b] [red]:smile: $x_{$ \alpha <script>alert(1)</script> </p>&amp; {n} %s ' # =1+1"
CHINESE = "石桥县[/一组] ${{<b>"
HOSTILE = [
    TITLE, CHINESE, "[/]", "[bold]", "东村[/二组]", "=1+1", "+whistle", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1",
    "''+1", '"; drop', "a: b # c", "- x", "null", "true", "1e3", "${x}", "{0}", "%(a)s", "]]>", "<!--", "\\",
    "\\u0041", "$a_$", "＝1", "a\nb", "&#65;", "`id`", "!!python/object", "*a", "&a", "|", ">", "~", "1:30",
    "0x10", "\u2028", "",
]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


def bare(text: str) -> str:
    """Without blanks and line ends: a cell of a table may be folded."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place, a policy and an experiment whose titles and notes are hostile."""
    made = tmp_path_factory.mktemp("hostile")
    for kind in ("places", "policies", "experiments"):
        (made / "scenarios" / kind).mkdir(parents=True)
    title = f"title: {{en: {json.dumps(TITLE)}, zh: {json.dumps(CHINESE, ensure_ascii=False)}}}"
    about = f"about: {json.dumps(TITLE)}"
    place = PAIR.read_text("utf-8").replace("title: {en: Village pair, zh: 两个村}", title)
    place = re.sub("^about: .*$", lambda _: about, place, flags=re.M).replace(
        "name: village_pair", "name: evil"
    )
    place = place.replace("note: weekly", f"note: {json.dumps(TITLE)}")
    (made / "scenarios" / "places" / "evil.yaml").write_text(place, "utf-8")
    head = f"schema_version: 1\n{title}\n{about}\nname: "
    policy = f"{head}foe\n" + "measures:\n  - mechanism: whistle\n"
    (made / "scenarios" / "policies" / "foe.yaml").write_text(policy, "utf-8")
    design = (
        "design: comparison\nplaces: [evil]\nbaseline: practice\npolicies: {enemy: foe}\nreplications: 4\n"
    )
    (made / "scenarios" / "experiments" / "duel.yaml").write_text(f"{head}duel\n" + design, "utf-8")
    return made


SMALL = ("--no-figures", "--workers", "1")
COMMANDS: dict[str, tuple[str, ...]] = {
    "list": ("places",),
    "validate": ("scenarios",),
    "explain": ("evil", "--policy", "foe"),
    "run": ("evil", "--replications", "3", *SMALL),
    "compare": ("evil", "foe", "--replications", "4", *SMALL),
    "before-after": (
        *("evil", "foe", "--start", "2022-06-01", "--before", "60", "--after", "60", "--replications", "4", *SMALL),
    ),
    "select": ("evil", "foe", "--budget", "40", "--workers", "1"),
    "optimise": ("evil", "whistle", "--yuan", "1e7", "--replications", "2", "--fresh", "2", *SMALL),
    "trace": ("evil",),
    "sensitivity": ("evil", "--draws", "60", "--replications", "2", "--metrics", "filings", *SMALL),
    "audit": ("evil", "--draws", "20", "--replications", "2", *SMALL),
}  # fmt: skip
UNTITLED = {"validate", "explain"}  # they show no title
OUTS = {"run", "compare", "before-after", "optimise", "sensitivity", "audit"}


@pytest.mark.usefixtures("few_shuffles")
@pytest.mark.parametrize("verb", COMMANDS)
def test_every_command_prints_it_whole(folder: Path, verb: str) -> None:
    found = run_cli(folder, verb, *COMMANDS[verb])
    assert found.returncode == 0, found.stdout + found.stderr
    for word in () if verb in UNTITLED else TITLE.split():
        assert word in found.stdout + found.stderr, (word, found.stdout)
    out = ("--out", f"json-{verb}") if verb in OUTS else ()
    found = run_cli(folder, verb, *COMMANDS[verb], *out, "--json", "--lang", "zh")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert answer["command"] == verb and (verb in UNTITLED or TITLE in texts_in(answer))


def texts_in(x: object) -> list[str]:
    """All texts of a JSON document."""
    if isinstance(x, str):
        return [x]
    inside = x.values() if isinstance(x, dict) else x if isinstance(x, list) else ()
    return [text for one in inside for text in texts_in(one)]


@pytest.mark.slow
def test_a_calibrated_place_is_told_whole(tmp_path: Path) -> None:
    """`calibrate`, `predict`, `check`: on the terminal, in JSON, in JUnit, in workbooks and in reports."""
    shutil.copytree(ROOT / "scenarios" / "national", tmp_path / "scenarios" / "national")
    note, place = json.dumps(TITLE), (ROOT / "scenarios" / "places" / "daliu.yaml").read_text("utf-8")
    place = re.sub('note: "[^"]*"', lambda _: f"note: {note}", place)
    place = re.sub("^about: .*$", lambda _: f"about: {note}", place, flags=re.M)
    place = re.sub(
        "^title: .*$", lambda _: f"title: {{en: {note}, zh: {json.dumps(CHINESE)}}}", place, flags=re.M
    )
    (tmp_path / "scenarios" / "places").mkdir()
    (tmp_path / "scenarios" / "places" / "evil.yaml").write_text(
        place.replace("name: daliu", "name: evil"), "utf-8"
    )
    few = ("--effort", "0.04", "--draws", "20", "--repeats", "4", "--workers", "1")
    told = run_cli(tmp_path, "calibrate", "evil", *few, "--xlsx", "calibrate.xlsx")
    assert told.returncode == 0, told.stderr
    assert all(word in told.stdout + told.stderr for word in TITLE.split())
    trial = ("pilot", "evil", "+whistle", "--months", "6", "--draws", "20", "--out", "pilot", "--no-figures")
    for words in (("predict", "evil"), ("check", "evil", "--junit", "check.xml", "--github"), trial):
        found = run_cli(tmp_path, *words, "--workers", "1", "--xlsx", f"{words[0]}.xlsx")
        assert found.returncode in (0, 1) and "Traceback" not in found.stderr, found.stderr
        zh = run_cli(tmp_path, *words, "--workers", "1", "--json", "--lang", "zh")
        assert zh.returncode in (0, 1) and "Traceback" not in zh.stderr, zh.stderr
    ET.parse(tmp_path / "check.xml")
    for name in ("calibrate", "predict", "check", "pilot"):
        cells = [
            c for sheet in load_workbook(tmp_path / f"{name}.xlsx") for row in sheet.iter_rows() for c in row
        ]
        assert cells and all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    for name in ("calibrate-evil", "predict"):
        done(tmp_path, "report", f"results/{name}", "--no-replay", "--lang", "zh", "--out", f"{name}.html")
        page = (tmp_path / f"{name}.html").read_text("utf-8")
        assert "<script>alert" not in page and page.count("</script>") == page.count("<script")
        done(tmp_path, "rerun", f"results/{name}", "--workers", "1", "--out", f"{name}-again")


def test_an_experiment_shows_its_titles(folder: Path) -> None:
    said = done(folder, "run", "duel", *SMALL)
    assert all(word in said for word in TITLE.split())
    said = done(folder, "list", "experiments", "--lang", "zh")
    assert bare(CHINESE) in bare(said)


def test_exports_and_reports_hold_it_as_text(folder: Path) -> None:
    done(folder, "trace", "evil", "--export", "a.xes")
    assert (
        TITLE in ET.parse(folder / "a.xes").getroot().find("{*}string[@key='concept:name']").attrib["value"]
    )  # type: ignore[union-attr]
    done(folder, "trace", "evil", "--export", "a.jsonocel", "--format", "ocel")
    json.loads((folder / "a.jsonocel").read_text("utf-8"))
    done(folder, "run", "evil", "--replications", "3", "--workers", "1", "--out", "drawn")
    done(folder, "report", "drawn", "--out", "a.html")
    page = (folder / "a.html").read_text("utf-8")
    assert html.escape(TITLE) in page.replace("&#39;", "&#x27;").replace("&#34;", "&quot;")
    assert "<script>alert" not in page and page.count("</script>") == page.count("<script")
    done(folder, "rerun", "drawn", "--no-figures", "--workers", "1")
    done(folder, "diff", "drawn", "drawn-rerun")


@given(texts)
@example("⺀\t")
def test_a_console_shows_every_text_as_it_is(text: str) -> None:
    with console_text() as shown:
        text = f"x{text}"  # rich leaves out a cell without any width
        console().print(text)
        grid = Table(text, title=text, box=None)
        grid.add_row(text)
        console().print(grid)
    assert bare(shown.getvalue()) == 4 * bare(visible(text))


@given(texts)
def test_yaml_has_every_text_as_it_is(text: str) -> None:
    where = f"a: {{b: {quoted(text)}, c: 1}}  {comment(text)}\nd: {quoted(text)}\n"
    assert yaml.safe_load(where) == {"a": {"b": text, "c": 1}, "d": text}


@given(texts, texts, texts)
def test_a_report_of_any_words_makes_a_place_file(title: str, source: str, url: str) -> None:
    words = {k: " ".join("".join(c if c.isprintable() else " " for c in v).split())
             for k, v in (("title_en", title), ("title_zh", title), ("source", source), ("url", url))}  # fmt: skip
    made = parse(place_text(News("null", 3, 3000, **words), date(2025, 1, 1)), "x.yaml").plain()
    assert made["name"] == "null" and made["title"]["en"] == (words["title_en"] or "null")
    assert words["url"] in made["sources"]["report"]["title"]


def runs(cell: str) -> bool:
    """Whether a spreadsheet takes a cell for a formula, by the list of OWASP (CSV Injection)."""
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", *"＝＋－＠") and not re.fullmatch(
        r"[-+]?[\d.]+ ?%?", cell
    )


@given(texts)
def test_no_cell_runs_and_every_cell_comes_back(text: str) -> None:
    assert not runs(str(inert(text))) and as_written(inert(text)) == text
    assert inert(-1.5) == -1.5 and inert("-1.5") == "-1.5" and inert("-3 %") == "-3 %"


@given(st.lists(texts.filter(bool), min_size=1, max_size=5))
def test_a_table_comes_back_from_csv(cells: list[str]) -> None:
    cells = [c.replace("\r", " ") for c in cells]  # a line end in a cell is a line feed
    frame = pd.DataFrame({"text": [*cells, "x"], "n": -1.0})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_table(path, frame)
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
        assert not any(runs(cell) for row in rows for cell in row)
        again = read_csv(path, dtype={"text": str})
    assert again["text"].tolist() == frame["text"].tolist() and again["n"].tolist() == frame["n"].tolist()


VILLAGES = ['=HYPERLINK("http://x","y")', "东村[/二组]", "+1[/]", "ab\u202ec:smile:"]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clerk's register whose villages, townships and remarks are hostile."""
    made = tmp_path_factory.mktemp("register")
    rows = [["序号", "受理日期", "结案日期", "村", "乡镇", "纠纷类型", "备注", "调解结果"]]
    for n in range(160):
        came = date(2023, 1, 2) + timedelta(days=2 * n)
        over = came + timedelta(days=1 + 7 * n % 40)
        about = ["镇[b]", "邻里纠纷", TITLE, "成功"]
        rows.append([str(n + 1), str(came), str(over) if n % 10 else "", VILLAGES[n % 4], *about])
    with (made / "register.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return made


def test_a_register_runs_nowhere_and_loses_nothing(register: Path) -> None:
    """`quality`, `forecast` and `fit`: on the terminal, in JSON, in tables, in workbooks, in the place file."""
    done(
        register,
        "quality",
        "register.csv",
        "--names",
        "--out",
        "quality",
        "--xlsx",
        "quality.xlsx",
        "--no-figures",
    )
    words = ("forecast", "register.csv", "--out", "forecast", "--xlsx", "forecast.xlsx", "--no-figures")
    assert "镇[b]" in done(register, *words)
    assert "镇[b]" in texts_in(json.loads(done(register, "forecast", "register.csv", "--json")))
    fitted = ("fit", "register.csv", "--villages", "4", "--out", "place.yaml", "--estimates", "estimates.csv")
    said = done(register, *fitted, "--xlsx", "fit.xlsx")
    assert all(visible(village) in said for village in VILLAGES)
    done(register, "explain", "place.yaml", "--xlsx", "explain.xlsx")
    tables = [file for file in register.rglob("*.csv") if file.name != "register.csv"]
    assert len(tables) > 4
    for file in tables:
        rows = list(csv.reader(io.StringIO(file.read_text("utf-8"), newline="")))
        assert not any(runs(cell) for row in rows for cell in row), file
    for name in ("quality", "forecast", "fit", "explain"):
        book = load_workbook(register / f"{name}.xlsx")
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert cells and all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
        texts = "\n".join(str(cell.value) for cell in cells)
        assert name in ("quality", "explain") or "镇[b]" in texts
        assert name != "fit" or all(village in texts for village in VILLAGES)


def test_a_terminal_obeys_no_text() -> None:
    assert visible("a\x1b[31m\u202eb\ud800\n") == "a\\x1b[31m\\u202eb\\ud800\n"
    bad = {
        "place": "a%0A::set-env\n::stop",
        "reading": "x",
        "figure": "f",
        "problem": "p\nq",
        "passed": False,
    }
    (line,) = github_lines([SimpleNamespace(**bad)])  # type: ignore[list-item]
    assert "\n" not in line and line.count("::") == 4


@contextlib.contextmanager
def console_text() -> Iterator[io.StringIO]:
    """What is printed to consoles that are made inside."""
    kept = io.StringIO()
    with contextlib.redirect_stdout(kept):
        yield kept


def test_one_module_prints_with_rich() -> None:
    """Whoever makes a console elsewhere has markup again."""
    users = {
        path.name
        for path in (ROOT / "sim").rglob("*.py")
        if re.search(r"^\s*(from|import) rich", path.read_text("utf-8"), re.M)
    }
    assert users == {"console.py", "running.py"}  # the latter for the type of a console
