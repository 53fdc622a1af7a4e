"""One number that a ledger identifies, with its interval and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from sim.language import Text


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval. `n` is the number of cases, events or sites that it rests on.

    `path` names the parameter of a place, if it is one, and `given` what was held at its prior to get there. `rests_on`
    are the columns of the ledger that it was counted from.
    """

    group: str
    name: Text
    value: float
    low: float
    high: float
    unit: str
    n: int
    method: Text
    path: str = ""
    given: Text = ""
    note: Text = ""
    rests_on: Text = ""
