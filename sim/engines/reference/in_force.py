"""Which numbers hold for a dispute: those of its village, at the minute. Clocks whose rate changes on a date."""

from __future__ import annotations

from typing import Any, Protocol

from sim import rules
from sim.model import Model
from sim.vocabulary import Hazard


class Matter(Protocol):
    """What must be known of a dispute."""

    village: int
    kind: int
    severity: float
    eruption_left: int
    eruption_since: int


class InForce:
    """The tables of a model as lists, by village and minute. `everywhere` are the first of them."""

    def __init__(self, model: Model, everywhere: Any) -> None:
        self.variants = [everywhere, *(tables.as_lists() for tables in model.variants[1:])]
        self.area = everywhere.area

    def at(self, village: int, minute: int) -> Any:
        """The numbers that hold in a village at a minute."""
        m = self.variants[self.area[village]]
        while minute >= m.until:
            m = self.after(m)
        return m

    def after(self, m: Any) -> Any:
        """The numbers that take over when those of `m` end."""
        return self.variants[m.number + 1]

    def due(self, d: Matter, now: int, wait: int, which: int, u: float) -> int:
        """When a clock rings that would ring in `wait` minutes at today's rate; `u` is its draw.

        A rate that changes before that takes over on its date: the hazard that is left is used up at the new rate.
        """
        m, minute = self.at(d.village, now), now + wait
        if minute <= m.until:
            return minute
        since, rate = now, rules.hazard(m, which, d.kind, d.severity)
        left = rules.hazard_left(rate, wait, u)
        while minute > m.until:
            left -= rate * (m.until - since)
            since, m, before = m.until, self.after(m), rate
            rate = rules.hazard(m, which, d.kind, d.severity)
            if rate != before:
                minute = since + rules.hazard_wait(left, rate)
        return minute

    def due_fading(self, d: Matter, now: int, which: int, u: float) -> int:
        """When a clock of what nobody settled rings, if it is set now: its rate fades, and may change on a date."""
        m, since, level, left = self.at(d.village, now), now, 1.0, rules.exponential(u, 1.0)
        while True:
            rate = level * rules.residual_hazard(m, which, d.kind, d.severity)
            minute = since + rules.fading_wait(left, rate, m.fade_mean)
            if minute <= m.until:
                return minute
            left -= rules.fading_hazard(rate, m.until - since, m.fade_mean)
            level *= rules.faded(m.until - since, m.fade_mean)
            since, m = m.until, self.after(m)

    def eruption(self, d: Matter, now: int) -> int:
        """What is left of the clock of eruption, in minutes at today's rate."""
        since, left = d.eruption_since, d.eruption_left
        m = self.at(d.village, since)
        while now >= m.until:
            old = rules.hazard(m, Hazard.ERUPTS, d.kind, d.severity)
            left -= m.until - since
            since, m = m.until, self.after(m)
            left = rules.at_new_rate(left, old, rules.hazard(m, Hazard.ERUPTS, d.kind, d.severity))
        return left - (now - since)
