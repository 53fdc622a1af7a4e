"""Tables for people: columns and words of a kept table, which are English, in the language in use."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.language import Phrase, current, shown, tr
from sim.scenario import terms
from sim.scenario.metrics import KNOWN_METRICS

POLICIES = ("policy", "rival", "best_by_record", "best_by_objective", "mechanism")
NAMES = (
    "parameter",
    "path",
    "along",
    "source",
    "assumption",
)  # what `--set` takes: the same in every language


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table with columns and words in the language in use; in English the table itself.

    For reading: names of columns may then no longer be relied upon. Numbers stay numbers.
    """
    if current() == "en":
        return frame
    metrics = frame["metric"].astype(str).tolist() if "metric" in frame else [""] * len(frame)
    columns = []
    for name, column in frame.items():
        if column.dtype == bool or not pd.api.types.is_numeric_dtype(column):
            told = [_told(str(name), x, metric) for x, metric in zip(column, metrics, strict=True)]
            column = pd.Series(told, index=frame.index, dtype=object)
        columns.append(column.rename(_column(str(name))))
    return pd.concat(columns, axis=1) if columns else frame


def _column(name: str) -> str:
    """What stands above a column; of an estimate's standard error, whose it is."""
    base = name.removesuffix(" (se)").removesuffix("_se")
    if base != name and tr(name) == name:
        return tr("{name} (standard error)", name=terms.named(base))
    return terms.named(name)


def _told(column: str, value: Any, metric: str) -> Any:
    """A cell: a word of the vocabulary, a policy, a unit or a sentence; numbers and names stay."""
    if isinstance(value, bool):
        return tr(str(value))
    if isinstance(value, Phrase):
        return shown(value)
    if not isinstance(value, str) or column in NAMES:
        return value
    if column == "unit":  # of a metric, or one of the place, such as `township 1`
        return terms.unit(value, metric) if metric else terms.named(value)
    if column in POLICIES:
        return terms.policy(value)
    by_staff = metric in KNOWN_METRICS and KNOWN_METRICS[metric].by == "staff"
    return terms.staff(value) if column == "staff" or (column == "group" and by_staff) else terms.named(value)
