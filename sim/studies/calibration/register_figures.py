"""The figures of a register beside what the model gives of them, before and after a calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.export.activities import STAGES
from sim.language import Message, Text, marked
from sim.ledger.ledger import KINDS
from sim.outcomes.register import (
    OPEN,
    OTHERWISE,
    QUARTILES,
    RELATIVE,
    SETTLED,
    WRITTEN,
    Form,
    Split,
    time_name,
    total_name,
)
from sim.scenario.terms import Term
from sim.statistics.quantiles import CENTRAL_90, weighted_quantiles
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.register import Heard, Register

Floats = NDArray[np.float64]
Band = tuple[float, float, float]
CONFLICT = 0.05  # chance below which register and calibrated model are said not to go together
_TOTALS = {
    SETTLED: marked("disputes closed as settled"),
    OTHERWISE: marked("disputes closed otherwise"),
    OPEN: marked("disputes open at the end"),
}
_OF = {SETTLED: marked("of the settled"), OTHERWISE: marked("of those closed otherwise")}
_STAGE = {int(tier): name for tier, name in STAGES.items()}
_SHARES = {
    WRITTEN: marked("share of known disputes that is written down"),
    RELATIVE: marked("the same of unsettled disputes, relative to settled ones"),
}


@dataclass(frozen=True)
class Compared:
    """One figure: in the register (NaN where it has none), and 5 %, 50 % and 95 % of simulated registers.

    `p` is the chance that the calibrated model gives a lower figure, plus half that of the same. Figures that are not
    `used` are shown only: others say the same.
    """

    figure: Text
    unit: str
    value: float
    prior: Band
    posterior: Band
    p: float
    used: bool

    def numbers(self) -> dict[str, Any]:
        """A row of a table."""
        row: dict[str, Any] = {"figure": self.figure, "unit": self.unit, "in_register": self.value}
        for part in ("prior", "posterior"):
            row |= {f"{part}_{q}": x for q, x in zip(("p05", "p50", "p95"), getattr(self, part), strict=True)}
        return {**row, "p_posterior": self.p, "used": self.used}


@dataclass(frozen=True)
class Joined:
    """A register in a calibration: its figures, and the chance that the calibrated model lies as far from them."""

    register: Register
    figures: tuple[Compared, ...]
    p: float

    def complaints(self) -> Iterator[Message]:
        """Words where the register and the calibrated model do not go together."""
        if self.p >= CONFLICT:
            return
        used = [f for f in self.figures if f.used]
        worst = min(used, key=lambda f: min(f.p, 1.0 - f.p))
        yield Message(
            "conflict: the register as a whole does not go with the calibrated model (p = {p:.3f}); farthest out is "
            "{figure}: {value:.4g} in the register, {low:.4g} to {high:.4g} by the model",
            p=self.p,
            figure=worst.figure,
            value=worst.value,
            low=worst.posterior[0],
            high=worst.posterior[2],
        )


def joined(
    register: Register,
    expected: Heard,
    fitted: tuple[Floats, Floats],
    prior: Figures,
    posterior: tuple[Floats, Figures],
) -> Joined:
    """All figures. `fitted` are scores with their weights, `posterior` the scores of replications and their figures.

    `prior` and `posterior` are replications that fit together, each with a simulated register.
    """
    scores, found = posterior
    weights = expected.agreement(scores, found)
    rows = list(_rows(register, prior, found, weights))
    rows += _shares(register.form, expected.recording(*fitted))
    return Joined(register, tuple(rows), expected.goes_together(*fitted))


def _rows(register: Register, prior: Figures, found: Figures, weights: Floats) -> Iterator[Compared]:
    even = np.ones(len(prior[WRITTEN]))

    def row(figure: Text, unit: str, names: Sequence[str], name: str, *, used: bool) -> Compared:
        value, before, after = (
            _part(f, names, name) for f in ({k: np.array([v]) for k, v in own.items()}, prior, found)
        )
        p = _position(after, weights, float(value[0]))
        return Compared(figure, unit, float(value[0]), _band(before, even), _band(after, weights), p, used)

    own, form = register.figures, register.form
    for outcome in form.totals:
        yield row(Message(_TOTALS[outcome]), "count", (), total_name(outcome), used=True)
    for span in ("all", *(name for name, _ in form.spans)):
        for share in QUARTILES:
            yield row(_time(span, share), "days", (), time_name(span, share), used=False)
    for split in form.splits:
        for i, name in enumerate(split.labels()):
            yield row(_cell(split, i), "percent", split.labels(), name, used=True)


def _part(found: Figures, names: Sequence[str], name: str) -> Floats:
    """A figure, or the percentage that it is of several."""
    if not names:
        return found[name]
    total = np.sum([found[n] for n in names], axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(100.0 * found[name] / total)


def _time(span: str, share: float) -> Message:
    said = {
        0.25: marked("a quarter is over"),
        0.5: marked("half are over"),
        0.75: marked("three quarters are over"),
    }
    where = Message("all disputes") if span == "all" else _where(span)
    return Message("{where}: days until {part}", where=where, part=Message(said[share]))


def _where(span: str) -> Message:
    if span == "elsewhere":
        return Message("in charge at last: any other stage")
    return Message("in charge at last: {stage}", stage=Message(span))


def _cell(split: Split, i: int) -> Message:
    """What is counted in a cell of a split."""
    of, cell = Message(_OF[split.outcome]), split.cells[i]
    if split.by == "days":
        edges = [c[0] for c in split.cells[:-1]]
        low = edges[i - 1] + 1 if i else 0
        days = (
            Message("{low} days or more", low=low)
            if i == len(edges)
            else Message("{low} to {high} days", low=low, high=edges[i])
        )
        span = split.name.split(" ", 2)[2]
        if span == "all":
            return Message("{of}: {cell}", of=of, cell=days)
        return Message("{of}, {where}: {cell}", of=of, where=_where(span), cell=days)
    codes = KINDS if split.by == "kind" else _STAGE
    words: list[Text] = [Term("word", codes[c]) if split.by == "kind" else Message(codes[c]) for c in cell]
    return Message("{of}: {cell}", of=of, cell=words)


def _shares(form: Form, found: dict[str, tuple[Floats, Floats]]) -> Iterator[Compared]:
    """What is learnt of the recording: prior and posterior of the shares that are written down."""
    relative, weight = (np.array(x, dtype=float) for x in zip(*form.relative, strict=True))
    before = {
        WRITTEN: (np.array(form.written), np.ones(len(form.written))),
        RELATIVE: (relative, weight),
    }
    for name, said in _SHARES.items():
        bands = _band(*before[name]), _band(*found[name])
        yield Compared(Message(said), "share", float("nan"), *bands, p=float("nan"), used=False)


def _band(x: Floats, weights: Floats) -> Band:
    low, middle, high = weighted_quantiles(x, weights, CENTRAL_90)
    return low, middle, high


def _position(x: Floats, weights: Floats, value: float) -> float:
    kept = ~np.isnan(x)
    if not kept.any() or np.isnan(value):
        return float("nan")
    w = weights[kept] / weights[kept].sum()
    return float(w @ ((x[kept] < value) + 0.5 * (x[kept] == value)))
