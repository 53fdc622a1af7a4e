"""What measures cost inside the window, before anything happens: hours of staff, persons, and money where it is known.

The hours that disputes themselves take are an outcome (`staff_hours_total`); those here are taken by mechanisms.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sim.model import Model

DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Cost:
    """Inside the window: hours, person-years and people more by staff group, yuan; and by mechanism."""

    hours: dict[str, float] = field(default_factory=dict)
    person_years: dict[str, float] = field(default_factory=dict)
    yuan: float = 0.0
    by_mechanism: dict[str, tuple[float, float]] = field(default_factory=dict)  # hours, yuan
    people: dict[str, float] = field(default_factory=dict)  # in the whole place, while they are there
    priced: bool = False  # whether any source gives money for it

    @property
    def hours_total(self) -> float:
        """Hours of all staff."""
        return sum(self.hours.values())


def cost_of(model: Model) -> Cost:
    """The cost of a model's measures inside the window of its place."""
    plan = model.plan
    window = round(model.window_days)
    first = model.tables.days - window
    hours: dict[str, float] = defaultdict(float)
    persons: dict[str, float] = defaultdict(float)
    people: dict[str, float] = defaultdict(float)
    by: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for use in plan.hours:
        days = max(0, use.last_day - max(use.first_day, first))
        total = float(use.by_village.sum()) * days / DAYS_PER_YEAR
        hours[use.staff] += total
        by[use.mechanism][0] += total
    for use in plan.persons:
        days = max(0, use.last_day - max(use.first_day, first))
        persons[use.staff] += float(use.by_village.sum()) * days / DAYS_PER_YEAR
        people[use.staff] += float(use.by_village.sum()) if days > 0 else 0.0
    yuan = 0.0
    for spent in plan.spending:
        total = spent.yuan_per_year * spent.days / DAYS_PER_YEAR
        yuan += total
        by[spent.mechanism][1] += total
    mechanisms = {name: (h, y) for name, (h, y) in by.items()}
    return Cost(dict(hours), dict(persons), yuan, mechanisms, dict(people), bool(plan.spending))
