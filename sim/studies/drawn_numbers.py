"""The numbers that draws of a comparison had, by groups that a study could teach something of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.language import marked
from sim.runs.points import points_of
from sim.scenario.fields import quantities
from sim.scenario.parameter_draws import Drawn
from sim.scenario.policy import Measure
from sim.studies.assemble import PlacePanel

Floats = NDArray[np.float64]
INCIDENCE = marked("how many disputes there are, and of which kinds")
FORWARD = marked("whether and how people come forward")
SUCCESS = marked("how often each tier succeeds")
STAFF = marked("staff, their hours, and how long sessions take")
DELAYS = marked("delays, deadlines and patience")
ROUTES = marked("where disputes go, and who goes to court")
GRAVITY = marked("how grave disputes are, and how people differ")
UNREST = marked("fights, crimes and petitions")
AFTERWARDS = marked("what follows an end: broken agreements, unresolved matters, appeals")
MECHANISMS = marked("what mechanisms achieve")
RECORDS = marked("how the record is made")
REST = marked("all other numbers")
GROUPS = (
    *(
        INCIDENCE,
        GRAVITY,
        FORWARD,
        ROUTES,
        SUCCESS,
        DELAYS,
        UNREST,
        AFTERWARDS,
        STAFF,
        MECHANISMS,
        RECORDS,
        REST,
    ),
)

# The section of a path, if all of it is of one group; else the end of it.
_BY_SECTION = {
    "recording": RECORDS,
    "incidence": INCIDENCE,
    "villages": INCIDENCE,
    "detection": FORWARD,
    "going": ROUTES,
    "eruption": UNREST,
    "petition": UNREST,
    "agreement": AFTERWARDS,
    "unresolved": AFTERWARDS,
    "judgment": AFTERWARDS,
    "working": STAFF,
    "calendars": STAFF,
    "townships": STAFF,
    "county": STAFF,
    "population": INCIDENCE,
    "window": INCIDENCE,
    "mechanism": MECHANISMS,
    "mechanisms": MECHANISMS,
}
_BY_END = {
    "comes_forward": FORWARD,
    "severity_on_coming_forward": FORWARD,
    "share": INCIDENCE,
    "arises": INCIDENCE,
    "success": SUCCESS,
    "resolves": SUCCESS,
    "attempts": SUCCESS,
    "refuses": SUCCESS,
    "dropout": SUCCESS,
    "joint": SUCCESS,
    "speaks_minority_language": SUCCESS,
    "bypasses": ROUTES,
    "suit": ROUTES,
    "filed": ROUTES,
    "departments": ROUTES,
    "patience_climbs": ROUTES,
    "patience_days": DELAYS,
    "delay_days": DELAYS,
    "departments_delay_days": DELAYS,
    "court_delay": DELAYS,
    "days": DELAYS,
    "severity": GRAVITY,
    "severity_concentration": GRAVITY,
    "frailty_sd": GRAVITY,
    "severity_on_length": GRAVITY,
    "language_on_length": GRAVITY,
    "eruption": UNREST,
    "severity_on_eruption": UNREST,
    "petition": UNREST,
    "session_hours": STAFF,
    "session_cv": STAFF,
    "sessions": STAFF,
    "gap_days": STAFF,
    "rest_days": STAFF,
}


def group_of(path: str) -> str:
    """The group of a number: its path in the place, or `mechanism.NAME.PARAMETER`."""
    section, end = path.split(".")[0], path.split(".")[-1]
    if section in _BY_SECTION:
        return _BY_SECTION[section]
    return _BY_END.get(end, SUCCESS if end.endswith("_on_success") else REST)


def drawn_points(place: PlacePanel, seed: int) -> list[Drawn]:
    """Place and measures of each draw that counts, with the measures of all policies."""
    cells = place.cells
    points = points_of(cells[0].posterior if place.panel.draws > 1 else None)
    every: dict[str, Measure] = {m.mechanism: m for cell in reversed(cells) for m in cell.measures}
    draws = np.flatnonzero(place.counted) + 1
    return [points.at(cells[0].place, tuple(every.values()), seed, int(d)) for d in draws]


def scores_by_group(points: Sequence[Drawn]) -> dict[str, Floats]:
    """Of each group the normal scores, by rank among the draws, of the numbers that vary; shape (draws, numbers)."""
    rows = [numbers_of(place, measures) for place, measures in points]
    names = [name for name in rows[0] if all(name in row for row in rows)]
    values = np.array([[row[name] for name in names] for row in rows])
    varies = np.ptp(values, axis=0) > 0
    out: dict[str, Floats] = {}
    for group in GROUPS:
        mine = [i for i, name in enumerate(names) if varies[i] and group_of(name) == group]
        if mine:
            out[group] = np.stack([_scores(values[:, i]) for i in mine], axis=1)
    return out


def _scores(values: Floats) -> Floats:
    """Normal scores of the ranks; equal values share theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - 0.5 * counts
    out: Floats = ndtri(middle[which] / len(values))
    return out


def numbers_of(place: object, measures: Sequence[Measure]) -> Mapping[str, float]:
    """The numbers of a place, by path, and of its measures, `mechanism.NAME.PARAMETER`."""
    found = {".".join(map(str, path)): float(q.value) for path, q in quantities(place)}
    for measure in measures:
        found |= {
            f"mechanism.{measure.mechanism}.{name}": float(q.value) for name, q in measure.parameters.items()
        }
    return found
