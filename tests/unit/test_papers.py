"""Papers in order: metadata agree with the package, the paper with its references and with what was measured."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from sim import __version__

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "paper.md").read_text(encoding="utf-8")
BIBLIOGRAPHY = (ROOT / "paper.bib").read_text(encoding="utf-8")
MEASURED = "".join((ROOT / "benchmarks" / name).read_text("utf-8") for name in ("RESULTS.md", "SBC.md"))


def test_metadata_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cited: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    meta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    assert meta["version"] == cited["version"] == __version__
    assert meta["dateModified"] == str(cited["date-released"])
    assert meta["name"] == project["name"]
    assert meta["description"] == project["description"]
    assert meta["license"].rsplit("/", 1)[1] == cited["license"] == project["license"]
    assert meta["keywords"] == cited["keywords"]
    assert meta["runtimePlatform"] == f"Python {project['requires-python']}"
    assert meta["softwareRequirements"] == project["dependencies"]
    assert [a["name"] for a in meta["author"]] == [a["name"] for a in cited["authors"]]
    assert (ROOT / meta["softwareHelp"]["url"]).is_file()
    assert (ROOT / meta["readme"]).is_file()


def test_requirements_are_named_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[<>=~!\[]", line)[0].lower() for line in project["dependencies"]]
    assert sorted(set(names)) == sorted(names)


def test_the_paper_cites_what_its_bibliography_has() -> None:
    cited = set(re.findall(r"@([a-z]+\d{0,4})\b", PAPER))
    assert cited == set(re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY, re.MULTILINE))


def test_the_paper_has_the_sections_of_its_form() -> None:
    assert re.findall(r"^# (.+)$", PAPER, re.MULTILINE)[:3] == [
        "Summary",
        "Statement of need",
        "State of the field",
    ]
    assert PAPER.rstrip().endswith("# References")


def test_numbers_of_the_paper_were_measured() -> None:
    section = PAPER.split("# Measured")[1].split("# References")[0]
    told = [
        n
        for row in section.splitlines()
        if row.startswith("|")
        for n in re.findall(r"\d[\d,.]*\d", row.split("|")[2])
    ]
    assert len(told) >= 10
    for number in told:
        assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d,])", MEASURED), number


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
