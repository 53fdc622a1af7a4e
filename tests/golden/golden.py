"""Make the golden summary of a place; as a program, make them anew: `python -m tests.golden.golden [PLACE ...]`."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.runs.job import DIGEST_LAYER, PlaceJob
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.metrics import LABELS, SERIES
from sim.scenario.shipped import shipped_root

FOLDER = Path(__file__).parent
SEED, REPLICATIONS = 1, 2


def places() -> list[str]:
    """Shipped places."""
    return [name for name in names("places") if (shipped_root() / "places" / f"{name}.yaml").is_file()]


def golden(name: str, engine: str = "compiled") -> list[str]:
    """Lines `replication,metric,layer,reading,by,group,value`, and the digest of each trace."""
    job = PlaceJob(load_place(name), SEED, engine)
    prepared = job.prepare()
    lines = [",".join(("replication", *LABELS, "value"))]
    for replication in range(REPLICATIONS):
        for row in job.run(prepared, replication).to_pylist():
            if row["layer"] == DIGEST_LAYER:
                lines.append(f"{replication},{row['metric']},{DIGEST_LAYER},,,,")
            elif row["layer"] != SERIES:
                key = ",".join(row[x] for x in LABELS)
                lines.append(f"{replication},{key},{row['value']:.9g}")
    return lines


def file(name: str) -> Path:
    """Where the golden summary of a place is kept."""
    return FOLDER / f"{name}.csv"


def main() -> None:
    """Make golden summaries anew."""
    for name in sys.argv[1:] or places():
        file(name).write_text("\n".join(golden(name)) + "\n", "utf-8")
        print(f"{file(name)} written")


if __name__ == "__main__":
    main()
