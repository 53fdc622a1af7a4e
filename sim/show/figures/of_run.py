"""The figures of a run, from its numbers."""

from __future__ import annotations

from sim.runs.outcomes import Outcomes
from sim.scenario.place import Place
from sim.show.figures import flow as flows
from sim.show.figures import load as loads
from sim.show.figures import settlement as settlements
from sim.show.figures import spread as spreads
from sim.show.figures import staff as staffs
from sim.show.figures.cells import Cells
from sim.show.figures.page import Drawing, Run


def flow(
    outcomes: Outcomes, place: Place, seed: int | None, calibrated: bool, reading: str
) -> Drawing | None:
    """Where disputes enter, climb and end."""
    return flows.draw(Run(place, Cells(outcomes), seed, calibrated, reading))


def settlement(
    outcomes: Outcomes, place: Place, seed: int | None, calibrated: bool, reading: str
) -> Drawing | None:
    """How long disputes last."""
    return settlements.draw(Run(place, Cells(outcomes), seed, calibrated, reading))


def load(
    outcomes: Outcomes, place: Place, seed: int | None, calibrated: bool, reading: str
) -> Drawing | None:
    """How busy staff are."""
    return loads.draw(Run(place, Cells(outcomes), seed, calibrated, reading))


def staff(
    outcomes: Outcomes, place: Place, seed: int | None, calibrated: bool, reading: str
) -> Drawing | None:
    """Hours of staff by tier."""
    return staffs.draw(Run(place, Cells(outcomes), seed, calibrated, reading))


def spread(
    outcomes: Outcomes, place: Place, seed: int | None, calibrated: bool, reading: str
) -> Drawing | None:
    """Reported figures beside what the model gives."""
    return spreads.draw(Run(place, Cells(outcomes), seed, calibrated, reading))
