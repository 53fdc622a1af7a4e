"""Make the golden summary of a place; as a program, make them anew: `python -m tests.golden.golden [PLACE ...]`."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.runs.case import Case
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
    case = Case(load_place(name), None, SEED, "place", engine=engine)
    lines = [",".join(("replication", *LABELS, "value"))]
    for replication in range(REPLICATIONS):
        found = case.measure(0, replication)
        for row in found.rows.to_pylist():
            if row["layer"] != SERIES:
                key = ",".join(row[x] for x in LABELS)
                lines.append(f"{replication},{key},{row['value']:.9g}")
        lines.append(f"{replication},{found.digest},digest,,,,")
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
