"""A result folder as a research object, read back by the library of the standard."""

from __future__ import annotations

import json
from pathlib import Path

from rocrate.rocrate import ROCrate

from sim.studies.crate import CRATE, RECIPE
from tests.kept import Kept

COMPARE = ("compare", "daliu", "+whistle", "--replications", "4", "--no-figures", "--out", "found")


def test_the_library_of_the_standard_reads_the_folder(kept: Kept) -> None:
    folder = kept.finished(*COMPARE)[0] / "found"
    found = ROCrate(folder)
    assert found.mainEntity.id == RECIPE
    assert set(found.mainEntity.type) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    (action,) = [e for e in found.get_entities() if e.type == "CreateAction"]
    assert action["instrument"].id == RECIPE
    named = {e.id for e in found.get_entities() if e.type == "File"}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {CRATE, RECIPE}
    assert named == there
    profiles = {p.id for p in found.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles


def test_times_are_those_of_the_run_and_decide_nothing(kept: Kept) -> None:
    folder = kept.finished(*COMPARE)[0] / "found"
    run = json.loads((folder / "run.json").read_text("utf-8"))
    graph = json.loads((folder / CRATE).read_text("utf-8"))["@graph"]
    (action,) = [e for e in graph if e["@id"] == "#run"]
    assert action["startTime"] == run["started"]
    assert CRATE not in json.loads((Path(folder) / RECIPE).read_text("utf-8"))["files"]
