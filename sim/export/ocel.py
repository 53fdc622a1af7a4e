"""Event logs as OCEL 2.0 (JSON): events that concern several objects, here disputes, sites and staff pools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from sim.export.activities import ANYWHERE
from sim.export.log import EventLog, site_name, township_name
from sim.model.pools import STAFF_LEVEL, TOWNSHIP, VILLAGE
from sim.vocabulary import EventKind

Entry = dict[str, Any]
DISPUTE, SITE, POOL = "dispute", "site", "staff pool"
OBJECT_TYPES: dict[str, dict[str, str]] = {
    DISPUTE: {"kind": "string", "departments": "boolean", "minority_language": "boolean"},
    SITE: {"level": "string"},
    POOL: {"group": "string", "servers": "integer"},
}
EVENT_ATTRIBUTES = {
    "stage": "string",
    "channel": "string",
    "lifecycle": "string",
    "working_minutes": "integer",
}
CHANGED = ANYWHERE[EventKind.CAPACITY]


def write_ocel(log: EventLog, file: BinaryIO) -> None:
    """Write a log as OCEL 2.0 in JSON, one object or event a line. Attributes of objects hold from the start on.

    Values are texts, as in https://www.ocel-standard.org/2.0/ocel20-schema-json.json.
    """
    types: dict[str, dict[str, str]] = dict.fromkeys(log.names, EVENT_ATTRIBUTES)
    if len(log.changes):
        types[CHANGED] = {"servers": "integer"}
    objects = {t: dict(a) for t, a in OBJECT_TYPES.items()}
    if not log.known_only:
        objects[DISPUTE]["severity"] = "float"
    sections = {
        "objectTypes": _types(objects),
        "eventTypes": _types(types),
        "objects": _objects(log),
        "events": _events(log),
    }
    file.write(b"{")
    for i, (name, entries) in enumerate(sections.items()):
        file.write(f"{',' if i else ''}\n{json.dumps(name)}: [".encode())
        for j, entry in enumerate(entries):
            file.write(f"{',' if j else ''}\n{json.dumps(entry, ensure_ascii=False)}".encode())
        file.write(b"\n]")
    file.write(b"\n}\n")


def _types(types: dict[str, dict[str, str]]) -> Iterator[Entry]:
    for name, attributes in types.items():
        yield {"name": name, "attributes": [{"name": a, "type": t} for a, t in attributes.items()]}


def _objects(log: EventLog) -> Iterator[Entry]:
    model = log.model
    since = log.moment(0).isoformat()

    def entry(name: str, kind: str, attributes: Entry, related: Iterable[tuple[str, str]]) -> Entry:
        return {
            "id": name,
            "type": kind,
            "attributes": [{"name": a, "time": since, "value": _text(v)} for a, v in attributes.items()],
            "relationships": [{"objectId": o, "qualifier": q} for o, q in related],
        }

    for township in range(model.villages.townships):
        yield entry(township_name(township), SITE, {"level": "township"}, ())
    for village in range(model.villages.count):
        above = township_name(int(model.villages.township[village]))
        yield entry(site_name(village), SITE, {"level": "village"}, [(above, "belongs to")])
    pools = model.pools
    for pool in range(len(pools)):
        group, unit = pools.groups[int(pools.group[pool])], int(pools.unit[pool])
        level = STAFF_LEVEL[group]
        serves = {VILLAGE: site_name(unit), TOWNSHIP: township_name(unit)}.get(level)
        attributes: Entry = {"group": group}
        if not pools.unlimited(pool):
            attributes["servers"] = int(pools.servers[pool])
        yield entry(log.pool_name(pool), POOL, attributes, [(serves, "serves")] if serves else ())
    for case in log.cases:
        of_case: Entry = {
            "kind": case.kind,
            "departments": case.departments,
            "minority_language": case.language,
        }
        if case.severity is not None:
            of_case["severity"] = case.severity
        yield entry(_id(case.number), DISPUTE, of_case, [(case.site, "arises in")])


def _events(log: EventLog) -> Iterator[Entry]:
    number = 0
    for i, case in enumerate(log.cases):
        for event in log.events(i):
            number += 1
            related = [(_id(case.number), "concerns"), (case.site, "arises in")]
            if event.pool >= 0:
                related.append((log.pool_name(event.pool), "is done by"))
            values: Entry = {"stage": event.stage, "channel": event.channel, "lifecycle": event.lifecycle}
            values = {name: value for name, value in values.items() if value}
            if event.minutes >= 0:
                values["working_minutes"] = event.minutes
            yield _entry(number, event.activity, log.moment(event.minute).isoformat(), values, related)
    for row in log.changes.tolist():
        number += 1
        when = log.moment(row[0]).isoformat()
        yield _entry(number, CHANGED, when, {"servers": row[8]}, [(log.pool_name(row[5]), "changes")])


def _entry(number: int, name: str, when: str, values: Entry, related: list[tuple[str, str]]) -> Entry:
    return {
        "id": f"event {number}",
        "type": name,
        "time": when,
        "attributes": [{"name": a, "value": _text(v)} for a, v in values.items()],
        "relationships": [{"objectId": o, "qualifier": q} for o, q in related],
    }


def _text(value: object) -> str:
    """A value as the schema of the standard has it: text, whose type the declaration of the attribute says."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _id(number: int) -> str:
    return f"dispute {number}"
