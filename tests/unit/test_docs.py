"""The documentation says what the code does: names, paths, links and examples are checked against it."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from sim import clock, rules
from sim.cli import spelt_out
from sim.cli.commands.counties import FIT
from sim.cli.commands.shared import SCENARIO
from sim.cli.commands.simulating import TRACE
from sim.cli.parser import build_parser
from sim.model import build
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import expected_at
from sim.scenario.load import load_place
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Exactness, Place
from sim.scenario.schema import file_schema
from sim.scenario.yaml_tree import parse
from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS
from sim.vocabulary import EventKind
from tests.cli.terminal import done

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"])
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
SCENARIO_FILES = (ROOT / "docs" / "scenario_files.md").read_text(encoding="utf-8")
EVENT_LOGS = (ROOT / "docs" / "event_logs.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANY_NAME = {"<tier>": "village", "<kind>": "family", "<staff>": "judges", "<name>": "some"}


def without_code(text: str) -> str:
    """The text without fenced blocks."""
    return FENCE.sub("", text)


def quoted(text: str) -> set[str]:
    """What stands between single backticks, fenced blocks apart."""
    return set(re.findall(r"`([^`\n]+)`", without_code(text)))


def yaml_blocks() -> list[str]:
    """The YAML examples of scenario_files.md."""
    return [body for language, body in FENCE.findall(SCENARIO_FILES) if language == "yaml"]


def in_schema(path: str) -> bool:
    """Whether a dotted path, with <placeholders>, is one of a place."""
    return expected_at(Place, [ANY_NAME.get(key, key) for key in path.split(".")]) is not None


def quantity_paths(model: type[BaseModel], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all quantities of the schema, `*` for names that the author chooses."""
    for name in model.model_fields:
        path = (*at, name)
        found = expected_at(model, (name,))
        if found is not None and found.item is not None and not found.is_list:
            found, path = expected_at(model, (name, "any")), (*path, "*")
        if found is None or found.is_list:
            continue
        if found.is_quantity:
            yield path
        elif found.model is not None:
            yield from quantity_paths(found.model, path)


def anchors(text: str) -> set[str]:
    """Anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", without_code(text), re.MULTILINE)
    plain = [re.sub(r"[`*]", "", h).lower() for h in headings]
    return {re.sub(r"[^\w\- ]", "", h).replace(" ", "-") for h in plain}


# --- model.md ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token", sorted(t for t in quoted(MODEL) if re.fullmatch(r"[a-z_]+(\.[a-z0-9_<>]+)+", t))
)
def test_every_dotted_name_in_the_model_page_exists(token: str) -> None:
    first, rest = token.split(".", 1)
    modules = {"rules": rules, "clock": clock}
    assert hasattr(modules[first], rest) if first in modules else in_schema(token)


@pytest.mark.parametrize("token", sorted(t for t in quoted(MODEL) if "/" in t and " " not in t))
def test_every_file_named_in_the_model_page_exists(token: str) -> None:
    assert (ROOT / token).exists()


def test_names_that_do_not_exist_would_be_found() -> None:
    assert not in_schema("tiers.village.sucess")
    assert not in_schema("tiers.<tier>.patience")
    assert in_schema("detection.rounds.<name>.every")


def test_every_parameter_of_a_place_is_in_the_model_page() -> None:
    named = set()
    for token in quoted(MODEL):
        keys = [("*" if key in ANY_NAME else key) for key in token.split(".")]
        if keys[0] == "tiers" and len(keys) > 1:
            keys[1] = "*"
        named.add(tuple(keys))
    paths = {("tiers", "*", *p[2:]) if p[0] == "tiers" else p for p in quantity_paths(Place)}
    paths = {p for p in paths if p[0] != "mechanisms"}
    assert len(paths) > 90
    assert sorted(paths - named) == []


def test_every_rule_is_in_the_model_page() -> None:
    names = [n for n, f in inspect.getmembers(rules, inspect.isfunction) if f.__module__ == rules.__name__]
    assert len(names) > 20
    assert [n for n in names if f"rules.{n}" not in quoted(MODEL)] == []


def test_every_metric_is_defined_and_no_other() -> None:
    section = MODEL.split("## 16. Outcomes")[1].split("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    defined = [name for row in rows for name in re.findall(r"`(\w+)`", row[1])]
    assert sorted(defined) == sorted(KNOWN_METRICS)
    assert all(row[3].strip() for row in rows)


def test_columns_and_events_of_the_trace_are_told() -> None:
    section = MODEL.split("## 19. The trace")[1].split("\n## ")[0]
    assert set(ROW_COLUMNS) | set(DISPUTE_COLUMNS) <= quoted(section)
    assert [e.name for e in EventKind if not re.search(rf"\b{e.name}\b", section)] == []


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_mathematics_is_written_so_that_it_renders(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("```") % 2 == 0
    assert "\\operatorname" not in text  # GitHub refuses it
    for line in without_code(text).splitlines():
        bare = re.sub(r"`[^`]*`", "", line)
        assert bare.count("$") % 2 == 0, line
        for formula in re.findall(r"\$([^$]+)\$", bare):
            assert formula.count("{") == formula.count("}"), line
            assert "|" not in formula, line  # would end the cell of a table
            assert "<" not in formula, line  # would begin a tag
            assert not re.search(r"\\[^A-Za-z]", formula), line  # Markdown would take the backslash away


# --- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_internal_links_resolve(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wrong = []
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            wrong.append(target)
    assert wrong == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(p.name for p in folder.glob("[0-9]*.md"))
    assert re.findall(r"\((\d{4}-[\w-]+\.md)\)", index) == records


# --- event_logs.md -------------------------------------------------------------------------------------------------


def event_log_blocks(language: str) -> list[str]:
    """The blocks of a language in event_logs.md."""
    return [body for found, body in FENCE.findall(EVENT_LOGS) if found == language]


def test_every_command_about_event_logs_runs(tmp_path: Path) -> None:
    (register,) = event_log_blocks("csv")
    (tmp_path / "register.csv").write_text(register, encoding="utf-8")
    lines = [line for block in event_log_blocks("sh") for line in block.splitlines()]
    assert len(lines) > 10
    for line in lines:
        program, script, *words = shlex.split(line)
        assert (program, script) == ("python", "run_sim.py")
        done(tmp_path, *words)
    (code,) = event_log_blocks("python")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, timeout=300)


def test_activities_and_columns_of_event_logs_are_told() -> None:
    from sim.export.activities import ANYWHERE, DESKS, ERUPTIONS, PASSED, STAGES, WHATS
    from sim.export.tabular import COLUMNS, SEVERITY

    told = {name for token in quoted(EVENT_LOGS) for name in token.split(", ")}
    stages = {*STAGES.values(), *DESKS.values()}
    assert {*ANYWHERE.values(), *ERUPTIONS, *stages, *COLUMNS, SEVERITY} <= told
    assert {f"{what} at S" for what in WHATS} | {f"{PASSED}S"} <= told


def test_options_of_event_logs_are_told() -> None:
    of_logs = TRACE.options[len(SCENARIO) + 2 :]
    for table in (of_logs, FIT.options):
        options = [o.flag for o in table if not o.positional]
        assert len(options) > 5
        assert [o for o in options if not re.search(rf"`[^`]*{o}\b", EVENT_LOGS)] == []


# --- scenario_files.md ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", yaml_blocks(), ids=lambda b: b.splitlines()[0][:40])
def test_every_example_fits_the_schema(block: str) -> None:
    tree: dict[str, Any] = parse(block, "example").plain()
    jsonschema.validate(json.loads(json.dumps(tree)), file_schema())


def test_complete_examples_load_and_build(tmp_path: Path) -> None:
    files = {m[1]: block for block in yaml_blocks() if (m := re.match(r"# file: (\S+)\n", block))}
    assert sorted(files) == ["shiqiao.yaml", "shiqiao_screening.yaml"]
    for name, block in files.items():
        (tmp_path / name).write_text(block, encoding="utf-8")
    first = build(load_place(tmp_path / "shiqiao.yaml"))
    second = build(load_place(tmp_path / "shiqiao_screening.yaml"))
    assert first.tables.rounds + 1 == second.tables.rounds
    assert second.place.tiers.hamlet is None


def test_the_example_of_a_replacement_loads_once_a_place_is_there(tmp_path: Path) -> None:
    (block,) = [b for b in yaml_blocks() if b.startswith("include: [national/") and "replace:" in b]
    place = next(b for b in yaml_blocks() if b.startswith("# file: shiqiao.yaml"))
    rest = place.split("\n", 2)[2]  # without the comment and the line that includes
    (tmp_path / "a.yaml").write_text(block + rest, encoding="utf-8")
    village = load_place(tmp_path / "a.yaml").tiers.village
    assert village is not None and village.deadline is not None
    assert int(village.attempts) == 3
    assert village.deadline.action == "climb"


def test_common_faults_are_quoted_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    section = SCENARIO_FILES.split("## Common faults")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE)
    assert len(rows) > 15
    for name, message in rows:
        sets = [name.removeprefix("--set ")] if name.startswith("--set ") else []
        file = "tests/data/village_pair.yaml" if sets else f"tests/bad_input/{name}.yaml"
        with pytest.raises(ScenarioError) as caught:
            load_place(file, sets)
        (fault,) = caught.value.faults
        assert str(fault).removeprefix(f"{fault.where}: ") == message.replace("\\<", "<").replace("\\>", ">")


def test_sections_of_a_place_are_all_listed() -> None:
    section = SCENARIO_FILES.split("## Sections")[1].split("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (.+?) \|", section, re.MULTILINE) for name in quoted(row)}
    assert listed == set(Place.model_fields)


def test_exactness_is_explained() -> None:
    section = SCENARIO_FILES.split("## Targets")[1].split("\n## ")[0]
    assert {e.value for e in Exactness} <= quoted(section)


# --- commands ------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"^python run_sim\.py (.+?)(?:\s{2,}#.*| +#.*)?$", re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page: Path) -> list[list[str]]:
    """The commands in the code blocks of a page."""
    blocks = [body for _, body in FENCE.findall(page.read_text("utf-8"))]
    return [shlex.split(line) for block in blocks for line in COMMAND.findall(block)]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_command_shown_is_one(page: Path) -> None:
    for words in commands(page):
        build_parser().parse_args([spelt_out(word) for word in words])


def test_commands_are_found() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 30


FEW = ("--replications", "12", "--no-figures")


@pytest.mark.usefixtures("few_shuffles")
@pytest.mark.parametrize("name", ["your_county", "sensitivity", "tutorial"])
def test_commands_of_a_page_run(name: str, tmp_path: Path) -> None:
    """One after the other in one folder, as a reader types them, but for the number of replications and for figures,
    which `test_browser` has drawn by the same commands.
    """
    for words in commands(ROOT / "docs" / f"{name}.md"):
        few = FEW if words[0] in ("run", "compare", "new") and "--replications" not in words else ()
        done(tmp_path, *words, *few)
