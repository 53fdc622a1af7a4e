"""Event logs hold what the trace holds; other tools read them back and count the same."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.export.activities import PAUSES, activity, parts
from sim.export.formats import WRITERS, UnknownFormat, format_of
from sim.export.log import CHINA, EventLog, NotDisputeByDispute, event_log
from sim.export.tabular import SEVERITY, columns, table_rows
from sim.model import Model, build
from sim.outcomes.cases import closed_cases, recorded
from sim.traces import Trace
from sim.vocabulary import Channel, End, EventKind, Job, Kind, Tier
from tests.places import rich_place

NAMESPACE = "{http://www.xes-standard.org/}"


@lru_cache(maxsize=1)
def run() -> tuple[Model, Trace]:
    model = build(rich_place(population={"persons": 20_000}, villages={"count": 12}))
    return model, simulate(model, Draws(3, 0))


@lru_cache(maxsize=4)
def log(known_only: bool, warm_up: bool) -> EventLog:
    model, trace = run()
    return event_log(trace, model, known_only=known_only, warm_up=warm_up)


def written(log: EventLog, name: str, folder: Path) -> Path:
    path = folder / f"log.{'jsonocel' if name == 'ocel' else name}"
    with path.open("wb") as file:
        WRITERS[name](log, file)
    return path


def by_hand(known_only: bool, warm_up: bool) -> dict[int, list[tuple[str, datetime]]]:
    """Activities and times of each dispute, by a slow loop over the trace."""
    model, trace = run()
    midnight = datetime(model.first_day.year, model.first_day.month, model.first_day.day, tzinfo=CHINA)
    out: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    known: set[int] = set()
    before: dict[int, int] = {}
    for minute, event, dispute, job, tier, _, _, session, detail in trace.rows.tolist():
        kind = EventKind(event)
        if kind == EventKind.KNOWN:
            known.add(dispute)
        if kind == EventKind.AWAY:
            after_failure = before.get(dispute) == EventKind.FAILED
            detail = 2 if after_failure else 1 if session > 0 else 0
        if job == Job.CASE:
            before[dispute] = event
        if dispute < 0 or (known_only and dispute not in known) or (not warm_up and minute < trace.warm_up):
            continue
        out[dispute].append((activity(kind, tier, job, detail), midnight + timedelta(minutes=minute)))
    return dict(out)


def follows(cases: dict[int, list[tuple[str, datetime]]]) -> Counter[tuple[str, str]]:
    return Counter(pair for events in cases.values() for pair in pairwise(name for name, _ in events))


CUTS = pytest.mark.parametrize(("known_only", "warm_up"), [(True, False), (False, True), (True, True)])


@CUTS
def test_the_log_has_the_rows_of_the_trace(known_only: bool, warm_up: bool) -> None:
    made = log(known_only, warm_up)
    expected = by_hand(known_only, warm_up)
    found = {
        case.number: [(e.activity, made.moment(e.minute)) for e in made.events(i)]
        for i, case in enumerate(made.cases)
    }
    assert found == expected
    assert len(made) == sum(map(len, expected.values())) > 1000


def test_a_case_says_what_the_dispute_is() -> None:
    model, trace = run()
    made = log(False, True)
    for case in made.cases:
        _, _, village, kind, severity, departments, language, _ = trace.disputes[case.number].tolist()
        assert (case.site, case.kind) == (f"village {village + 1}", Kind(kind).name.lower())
        assert case.township == f"township {model.villages.township[village] + 1}"
        assert (case.departments, case.language, case.severity) == (
            bool(departments),
            bool(language),
            severity / 1e6,
        )


def test_a_ledger_knows_nothing_of_what_is_latent() -> None:
    full, ledger = log(False, True), log(True, True)
    assert {"arose", "self-settled unseen", "given up unseen"} <= set(full.names)
    assert not [n for n in ledger.names if n == "arose" or n.endswith("unseen")]
    assert len(ledger.cases) < len(full.cases)
    assert all(c.severity is None for c in ledger.cases)
    assert SEVERITY not in columns(ledger)
    assert SEVERITY in columns(full)
    for i in range(len(ledger.cases)):
        assert next(ledger.events(i)).activity.startswith("known at ")


def test_a_recorded_ledger_has_the_cases_of_the_record() -> None:
    model, trace = run()
    draws = Draws(3, 0)
    made = event_log(trace, model, recorded_with=draws)
    kept = {c.number for c in made.cases}
    cases = closed_cases(trace)
    assert len(kept & set(cases.dispute.tolist())) == recorded(cases, trace, model, draws).mediated > 10
    assert kept < {c.number for c in log(True, False).cases}
    driven = model.recording.model_copy(update={"reading": "target_driven"})
    with pytest.raises(NotDisputeByDispute, match=r"recording\.reading=proportional"):
        event_log(trace, replace(model, recording=driven), recorded_with=draws)


def test_every_activity_of_a_log_can_be_read_back() -> None:
    for name in log(False, True).names:
        assert parts(name) is not None, name
    assert parts("受理") is None
    assert parts("known at the pub") is None
    assert parts("settled at court mediation") == ("settled", "court mediation")
    assert parts("passed to county") == ("passed to", "county")


def test_names_of_activities_do_not_depend_on_what_does_not_matter() -> None:
    assert activity(EventKind.AWAY, Tier.VILLAGE, 0, 1) == f"{PAUSES[1]} at village"
    assert activity(EventKind.END, -1, 0, End.LUMPED) == "given up unseen"
    assert activity(EventKind.START, -1, Job.PETITION, 60) == "session begun at petition desk"
    assert activity(EventKind.KNOWN, Tier.TRIAL, 0, Channel.GRID) == "known at trial"


# --- formats -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ["xes", "csv"])
@CUTS
def test_directly_follows_counts_in_pm4py(
    pm4py: Any, format_name: str, known_only: bool, warm_up: bool, tmp_path: Path
) -> None:
    path = written(log(known_only, warm_up), format_name, tmp_path)
    expected = by_hand(known_only, warm_up)
    if format_name == "xes":
        frame = pm4py.read_xes(str(path))
    else:
        frame = pd.read_csv(path, dtype={"case": str})
        frame = pm4py.format_dataframe(frame, case_id="case", activity_key="activity", timestamp_key="time")
    assert frame["case:concept:name"].nunique() == len(expected)
    assert len(frame) == sum(map(len, expected.values()))
    graph, begins, ends = pm4py.discover_dfg(frame)
    assert {k: int(v) for k, v in graph.items()} == dict(follows(expected))
    assert dict(begins) == dict(Counter(events[0][0] for events in expected.values()))
    assert dict(ends) == dict(Counter(events[-1][0] for events in expected.values()))
    times = sorted(when for events in expected.values() for _, when in events)
    assert sorted(frame["time:timestamp"].dt.tz_convert(CHINA).dt.to_pydatetime().tolist()) == times


def test_a_process_can_be_discovered(pm4py: Any, tmp_path: Path) -> None:
    frame = pm4py.read_xes(str(written(log(True, False), "xes", tmp_path)))
    net, initial, final = pm4py.discover_petri_net_inductive(frame)
    assert {t.label for t in net.transitions} - {None} == set(log(True, False).names)
    some = frame[frame["case:concept:name"].isin(frame["case:concept:name"].unique()[:60])]
    fitness = pm4py.fitness_token_based_replay(some, net, initial, final)
    assert (
        fitness["log_fitness"] > 0.95
    )  # the net allows all of it, but replay by tokens looks for one way only


def test_ocel_is_read_by_pm4py(pm4py: Any, tmp_path: Path) -> None:
    made = log(True, False)
    ocel = pm4py.read_ocel2(str(written(made, "ocel", tmp_path)))
    expected = by_hand(True, False)
    flat = pm4py.ocel_flattening(ocel, "dispute")
    assert flat["case:concept:name"].nunique() == len(expected) == len(made.cases)
    graph, _, _ = pm4py.discover_dfg(flat)
    assert {k: int(v) for k, v in graph.items()} == dict(follows(expected))
    of_type = ocel.relations.groupby("ocel:type")["ocel:eid"].nunique().to_dict()
    worked = int((made.rows[:, 5] >= 0).sum())
    assert of_type == {"dispute": len(made), "site": len(made), "staff pool": worked}
    assert pm4py.discover_ocdfg(ocel)["activities"] == set(made.names)


def test_ocel_says_what_objects_are(tmp_path: Path) -> None:
    made = log(False, True)
    model = made.model
    data = json.loads(written(made, "ocel", tmp_path).read_text("utf-8"))
    assert list(data) == ["objectTypes", "eventTypes", "objects", "events"]
    objects = {o["id"]: o for o in data["objects"]}
    assert len(objects) == len(data["objects"])
    assert Counter(o["type"] for o in data["objects"]) == {
        "site": model.villages.count + model.villages.townships,
        "staff pool": len(model.pools),
        "dispute": len(made.cases),
    }
    declared = {t["name"]: {a["name"] for a in t["attributes"]} for t in data["eventTypes"]}
    for event in data["events"]:
        assert {a["name"] for a in event["attributes"]} <= declared[event["type"]]
        assert all(r["objectId"] in objects for r in event["relationships"])
    (case,) = [c for c in made.cases if c.number == made.cases[0].number]
    of_first = {a["name"]: a["value"] for a in objects[f"dispute {case.number}"]["attributes"]}
    assert of_first == {
        "kind": case.kind,
        "departments": str(case.departments).lower(),
        "minority_language": str(case.language).lower(),
        "severity": str(case.severity),
    }
    values = [a["value"] for x in (*data["objects"], *data["events"]) for a in x["attributes"]]
    assert len(values) > 1000 and all(isinstance(v, str) for v in values), "the schema has texts only"
    assert objects["village 3"]["relationships"][0]["qualifier"] == "belongs to"


def test_xes_is_as_the_standard_orders_it(tmp_path: Path) -> None:
    made = replace(log(True, False), title='A & B <"county"> 县')
    root = ET.parse(written(made, "xes", tmp_path)).getroot()
    assert root.tag == f"{NAMESPACE}log"
    assert root.get("xes.version") == "1849.2016"
    assert root.get("xes.features") is not None
    order = ["extension", "global", "classifier", "string", "date", "trace"]
    places = [order.index(child.tag.removeprefix(NAMESPACE)) for child in root]
    kinds = [p if p not in (3, 4) else 3 for p in places]  # attributes in any order
    assert kinds == sorted(kinds)
    assert root.find(f"{NAMESPACE}string[@key='concept:name']").get("value") == made.title  # type: ignore[union-attr]
    prefixes = {e.get("prefix") for e in root.iter(f"{NAMESPACE}extension")}
    # Types of values as the schema of the standard has them: xs:long, xs:double, xs:boolean, xs:dateTime.
    forms = {
        "int": r"-?\d+",
        "float": r"-?\d+(\.\d+)?(e-?\d+)?",
        "boolean": "true|false",
        "date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00",
        "string": r"(?s).*",
    }
    attributes = [x for x in root.iter() if x.get("key") is not None]
    assert len(attributes) > 5000
    for attribute in attributes:
        prefix, colon, _ = attribute.attrib["key"].partition(":")
        assert not colon or prefix in prefixes
        assert re.fullmatch(r"[a-z_:]+", attribute.attrib["key"])
        assert re.fullmatch(forms[attribute.tag.removeprefix(NAMESPACE)], attribute.attrib["value"])
    for parent in root.iter():
        keys = [child.get("key") for child in parent if child.get("key")]
        assert len(keys) == len(set(keys))


def test_parquet_holds_the_rows_of_the_csv(tmp_path: Path) -> None:
    made = log(False, True)
    table = pq.read_table(written(made, "parquet", tmp_path))
    assert table.column_names == list(columns(made))
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert rows == list(table_rows(made))
    assert str(table.schema.field("time").type) == "timestamp[ms, tz=+08:00]"
    metadata = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    assert metadata["window_start"] == made.window[0].isoformat()


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_log_has_the_same_bytes(name: str, tmp_path: Path) -> None:
    made = log(True, False)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        WRITERS[name](made, file)
    assert files[0].getvalue() == files[1].getvalue()
    assert len(files[0].getvalue()) > 10_000


def test_formats_by_suffix() -> None:
    assert format_of(Path("a.XES"), None) == "xes"
    assert format_of(Path("a.json"), None) == "ocel"
    assert format_of(Path("a.txt"), "csv") == "csv"
    with pytest.raises(UnknownFormat, match=r"a\.txt.*--format"):
        format_of(Path("a.txt"), None)
