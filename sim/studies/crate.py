"""A result folder as a research object: `ro-crate-metadata.json`, for archives and catalogues of research data.

It follows RO-Crate 1.1 and its profile Workflow Run Crate 0.5 (Leo et al. 2024, PLOS ONE 19, e0309210). The recipe is
`manifest.json`, which holds all that is needed to get the same tables again; the program is what runs it. Times of the
run stand in it, so that the file differs from run to run; nothing is compared by it.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CRATE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
RECIPE = "manifest.json"
UNFINISHED = "unfinished.json"  # beside the folder's files until the manifest is there
KINDS = {".parquet": "application/vnd.apache.parquet", ".svg": "image/svg+xml", ".csv": "text/csv"}
NEVER = ("chunks", "replications-")  # folders of replications: kept to go on, no result


def crate(folder: Path, manifest: Mapping[str, Any], run: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The metadata of a folder whose tables and figures are written. `run` are times and host, as in `run.json`.

    Raises nothing for what is missing: a manifest of an older version has less to say.
    """
    command, version = str(manifest.get("command", "run")), str(manifest["versions"]["village-disputes"])
    begun, ended = _times(run)
    files = list(_files(folder))
    program, action = "#village-disputes", "#run"
    whole = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [{"@id": SPECIFICATION}, {"@id": PROFILES[2][0]}],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": f"{command}: {folder.name}",
            "description": f"What `{command}` of village-disputes {version} found; {RECIPE} says what was asked.",
            "datePublished": ended.isoformat(timespec="seconds"),
            "license": {"@id": "#rights"},
            "conformsTo": [{"@id": uri} for uri, _, _ in PROFILES],
            "hasPart": [{"@id": RECIPE}, *({"@id": name} for name in files)],
            "mainEntity": {"@id": RECIPE},
            "mentions": {"@id": action},
        },
        {
            "@id": "#rights",
            "@type": "CreativeWork",
            "name": "not stated",
            "description": "The program states no licence for results; whoever made the folder can.",
        },
        {
            "@id": RECIPE,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": f"what was asked of {command}",
            "description": "Scenario, policies, seed and settings; the command `rerun` runs it again.",
            "encodingFormat": "application/json",
            "programmingLanguage": {"@id": program},
        },
        {
            "@id": program,
            "@type": ["ComputerLanguage", "SoftwareApplication"],
            "name": "village-disputes",
            "description": "Discrete-event simulation of village disputes and their mediation in a Chinese county",
            "version": version,
        },
        {
            "@id": action,
            "@type": "CreateAction",
            "name": f"{command} with seed {_seed(manifest)}",
            "instrument": {"@id": RECIPE},
            "result": [{"@id": name} for name in files],
            "actionStatus": "http://schema.org/CompletedActionStatus",
            **({"startTime": begun.isoformat(timespec="seconds")} if begun else {}),
            "endTime": ended.isoformat(timespec="seconds"),
        },
        *({"@id": uri, "@type": "CreativeWork", "name": name, "version": v} for uri, name, v in PROFILES),
        *({"@id": name, "@type": "File", "name": name, "encodingFormat": _kind(name)} for name in files),
    ]
    return {"@context": f"{SPECIFICATION}/context", "@graph": whole}


def _seed(manifest: Mapping[str, Any]) -> str:
    found = manifest.get("seed", manifest.get("comparison", {}).get("seed", "of the manifest"))
    return str(found)


def _times(run: Mapping[str, Any] | None) -> tuple[datetime | None, datetime]:
    try:
        begun = datetime.fromisoformat(str(run["started"])) if run else None
        return begun, begun + timedelta(seconds=float(run["seconds"])) if begun and run else datetime.now(UTC)
    except (KeyError, ValueError):
        return None, datetime.now(UTC)


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if (
            not path.is_file()
            or path.name in (CRATE, RECIPE, UNFINISHED)
            or any(p.startswith((*NEVER, ".")) for p in inside.parts)
        ):
            continue
        yield inside.as_posix()


def _kind(name: str) -> str:
    ending = Path(name).suffix
    return KINDS.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")


def text_of(content: Mapping[str, Any]) -> bytes:
    """As it is written."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
