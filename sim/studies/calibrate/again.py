"""A calibration done again from the manifest of one of its folders: of a place, of what places pool, or of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.language import marked, tr
from sim.scenario import terms
from sim.scenario.place import Place
from sim.studies.calibrate.found import Calibrated, PlaceCalibrated, Pooled, key_of_all
from sim.studies.calibrate.plan import CalibratePlan, plan
from sim.studies.observe import ObservePlan
from sim.studies.study import Work


@dataclass(frozen=True)
class CalibrateAgain:
    """A plan whose answer is what one folder holds: `of` is "place", "joint" or "all"."""

    asked: CalibratePlan
    of: str

    @property
    def key(self) -> str:
        """Names the answer by all that decides it."""
        if self.of == "joint":
            return self.asked.pooled_key
        keys = [self.asked.key(number) for number in range(len(self.asked.counties))]
        return keys[0] if self.of == "place" else key_of_all(keys, self.asked.joint)

    @property
    def folder(self) -> str:
        """Below `results`."""
        return f"calibrate-{self.place.name if self.of == 'place' else self.of}"

    @property
    def place(self) -> Place:
        """The first place."""
        return self.asked.counties[0][0]

    def opening(self, workers: int) -> str:
        """Which places are calibrated."""
        said = marked("{place}: calibration with {effort:g} times the usual effort")
        places = self.asked.counties
        return "\n".join(tr(said, place=terms.title(p.title), effort=self.asked.effort) for p, _, _ in places)

    def carry_out(self, work: Work) -> PlaceCalibrated | Pooled | Calibrated:
        """Calibrate, and give what the folder holds; all places where they cannot be pooled any more."""
        if self.of == "place":
            return self.asked.one(0, work)
        every = [self.asked.one(number, work) for number in range(len(self.asked.counties))]
        if not self.asked.joint or not all(one.passed for one in every):
            return self.asked.answer(every, None)
        pooled = self.asked.pooled(every, work)
        return pooled if self.of == "joint" else self.asked.answer(every, pooled)


def again(manifest: Mapping[str, Any]) -> CalibrateAgain | ObservePlan:
    """The calibration that a manifest describes. Raises UserError and ScenarioError for what cannot be, and TypeError
    for options that there are no more.
    """
    asked = plan(**manifest["inputs"])
    if isinstance(asked, ObservePlan):
        return asked
    return CalibrateAgain(asked, str(manifest.get("of", "place")))
