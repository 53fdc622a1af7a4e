"""The register that a place is calibrated by: read, checked, and brought into the form in which it is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.language import Message
from sim.ledger.compared import days_in_common, form_of, rows_of
from sim.ledger.place_file import NATIONAL, SOURCE
from sim.scenario.errors import UserError
from sim.scenario.include import read_with_includes
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity
from sim.scenario.shipped import shipped_root
from sim.studies.calibration.register import (
    KNOWN_DISPUTES,
    RELATIVE_LEVELS,
    Register,
    has_own_kinds,
    levels,
    made_of,
)
from sim.studies.fit import as_ledger

_RATE = ("incidence", "latent_rate")


def register_of(
    place: Place, path: Path, written_down: float | Sequence[float] | None, reading: Mapping[str, Any]
) -> Register:
    """The register in a file, as `reading` says it is read. Raises UserError and ScenarioError for what cannot be.

    `written_down` is the share of known disputes that it holds, or its range; None is the prior that the place has of
    what is recorded.
    """
    ledger = as_ledger(path, **reading)
    if not ledger.two_dates:
        raise UserError(
            Message(
                "{file} is a log of events, not a register with a row per dispute. What it says is in the place file "
                "that fit makes of it: python run_sim.py fit {file}, then calibrate that place without --ledger.",
                file=path.name,
            )
        )
    first, last = days_in_common(ledger, place)
    rows = rows_of(ledger, first, last)
    own = made_of(place, ledger.sha256)
    form = form_of(
        rows,
        first,
        last,
        levels(_range(written_down, place, len(rows) if own else 0)),
        RELATIVE_LEVELS,
        kinds=not (own and has_own_kinds(place)),
    )
    figures = {**dict(form.counts(rows)), **dict(form.times(rows))}
    wide = national_rate() if own and place.incidence.latent_rate.source == SOURCE else None
    return Register(form, figures, {"file": ledger.file, "sha256": ledger.sha256}, wide)


def _range(told: float | Sequence[float] | None, place: Place, rows: int) -> Quantity | tuple[float, float]:
    """What is known of the share that is written down: as told here or, of its `rows` of receipts, to `fit`."""
    if told is None and rows:
        told = _told_to_fit(place, rows)
    if told is None:
        prior: Quantity = place.recording.proportional.recorded
        return prior
    low, high = (told, told) if isinstance(told, int | float) else (float(told[0]), float(told[1]))
    if not 0.0 < low <= high <= 1.0:
        raise UserError(Message("--written-down: write a share between 0 and 1, or a range such as 0.6:0.9"))
    return float(low), float(high)


def _told_to_fit(place: Place, rows: int) -> tuple[float, float] | None:
    """The range that `fit --written-down` was given: the place file says how many known disputes that makes."""
    target = next((t for t in place.targets if t.metric == KNOWN_DISPUTES and t.source == SOURCE), None)
    if target is None:
        return None
    high = min(1.0, rows / float(target.value))
    return min(high, rows / float(target.high or target.value)), high


def national_rate() -> Quantity:
    """The rate of grievances as the national files have it, before any ledger."""
    file = next(name for name in NATIONAL if name.endswith("priors.yaml"))
    tree = read_with_includes(shipped_root() / file).plain()
    for key in _RATE:
        tree = tree[key]
    return Quantity.model_validate(tree)
