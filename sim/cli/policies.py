"""What commands about policies have in common: metrics, options of the form METRIC=X, where results are kept."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.language import Message
from sim.scenario.errors import UserError, nearest
from sim.scenario.metrics import KNOWN_METRICS
from sim.studies.results import free_folder

TRUE = [m.name for m in KNOWN_METRICS.values() if m.layer == "true"]
CELLS = Path("results") / "policies"  # replications by content, shared by all comparisons


def folder_for(args: argparse.Namespace, default: str, content: Any) -> tuple[Path, str]:
    """A folder that holds no other answer, and the key of this one: the digest of what decides it."""
    key = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    wanted = Path(args.out or Path("results") / default)
    return free_folder(wanted, key, named_by_user=bool(args.out), overwrite=args.overwrite), key


def metric(name: str, option: str, known: Sequence[str] = ()) -> str:
    """A metric by name, or a UserError that suggests the nearest."""
    names = known or [
        m for m in KNOWN_METRICS if m != "screened"
    ]  # of places that record when they close, as mediated
    if name not in names:
        near = nearest(name, names)
        hint = Message(" Did you mean '{near}'?", near=near) if near else ""
        raise UserError(
            Message(
                "{option}: there is no metric '{name}' here.{hint} See: run_sim.py list metrics",
                option=option,
                name=name,
                hint=hint,
            )
        )
    return name


def metrics(text: str, option: str, known: Sequence[str] = ()) -> list[str]:
    """Metrics separated by commas."""
    return [metric(name.strip(), option, known) for name in text.split(",") if name.strip()]


def numbers(texts: Sequence[str], option: str, known: Sequence[str] = ()) -> dict[str, float]:
    """`filings=5` as a number by metric."""
    out: dict[str, float] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError
            number = float(value.rstrip("%"))
        except ValueError:
            raise UserError(
                Message(
                    "{option}: '{text}' is not METRIC=NUMBER; write for example filings=5",
                    option=option,
                    text=text,
                )
            ) from None
        out[metric(name.strip(), option, known)] = number
    return out
