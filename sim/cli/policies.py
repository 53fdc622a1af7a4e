"""What commands about policies have in common: metrics, options of the form METRIC=X, where results are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.cli import UserError
from sim.scenario.errors import nearest
from sim.scenario.metrics import KNOWN_METRICS

CELLS = Path("results") / "policies"  # replications by content, shared by all comparisons


def metric(name: str, option: str, known: Sequence[str] = ()) -> str:
    """A metric by name, or a UserError that suggests the nearest."""
    names = known or [m.name for m in KNOWN_METRICS.values() if m.layer == "true"]
    if name not in names:
        near = nearest(name, names)
        hint = f" Did you mean '{near}'?" if near else ""
        raise UserError(f"{option}: there is no metric '{name}' here.{hint} See: run_sim.py list metrics")
    return name


def metrics(text: str, option: str) -> list[str]:
    """Metrics separated by commas."""
    return [metric(name.strip(), option) for name in text.split(",") if name.strip()]


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
            raise UserError(f"{option}: '{text}' is not METRIC=NUMBER; write for example filings=5") from None
        out[metric(name.strip(), option, known)] = number
    return out
