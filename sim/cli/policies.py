"""Where `optimise` and `select` keep what they find."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from sim.studies.results import free_folder

CELLS = Path("results") / "policies"  # replications by content, shared by all comparisons


def folder_for(args: argparse.Namespace, default: str, content: Any) -> tuple[Path, str]:
    """A folder that holds no other answer, and the key of this one: the digest of what decides it."""
    key = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    wanted = Path(args.out or Path("results") / default)
    return free_folder(wanted, key, named_by_user=bool(args.out), overwrite=args.overwrite), key
