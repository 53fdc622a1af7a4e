"""That an article can be read in another way, said beside the answers of the first reading."""

from __future__ import annotations

from sim.language import marked, tr
from sim.scenario import terms
from sim.scenario.place import Place
from sim.show.text.console import console


def print_alternatives(place: Place) -> None:
    """Which other readings of a place there are, and how they are called; nothing if there is none."""
    for name, spec in place.alternatives.items():
        said = marked(
            "The article leaves something open. Another reading: {name} ({about}); ask for it by this name."
        )
        console().print(tr(said, name=f"{place.name}@{name}", about=terms.title(spec.about)))
