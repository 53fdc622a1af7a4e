"""Which parameter draws are used: those of the place's posterior unless told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sim.language import Message, Text
from sim.runs.posterior import fresh, load, path_of
from sim.scenario.comparison import Design
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.fields import quantities
from sim.scenario.load import load_place
from sim.scenario.lookup import SUFFIXES
from sim.scenario.metrics import READINGS
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.shipped import shipped_root
from sim.scenario.terms import Term

NONE, AUTO = "none", "auto"
PER_DRAW = 2  # replications of a draw, the fewest that tell Monte Carlo error from parameters


def draws_for(
    name: str, place: Place, sets: Sequence[str], posterior: str = AUTO, reading: str = "both"
) -> ParameterDraws | None:
    """The draws of a place, whose file is `name` and which `sets` have changed; None: there are none, or not asked for.

    Numbers that were changed keep what the analyst wrote. Raises ScenarioError for a posterior of another model.
    """
    if posterior == NONE:
        return None
    base = load_place(name) if sets else place
    file = None if posterior == AUTO else Path(posterior)
    own = name.endswith(SUFFIXES) and not Path(name).resolve().is_relative_to(shipped_root().resolve())
    found = fresh(base, tuple(practice(base)), file, own=own)
    if found is None:
        return None
    if reading != "both" and reading not in found.readings:
        raise _refusal(
            place.name,
            Message("its posterior has no {reading} reading", reading=reading),
            Message("Choose another, or calibrate it."),
        )
    lacking = [one for one in READINGS if reading == "both" and one not in found.readings]
    if lacking:
        (there,) = found.readings
        raise _refusal(
            place.name,
            Message("its posterior has no {reading} reading", reading=lacking[0]),
            Message("Add --reading {there}, or calibrate both.", there=there),
        )
    chosen = found.draws(reading)
    if not sets:
        return chosen
    before, after = ({".".join(map(str, path)): q for path, q in quantities(p)} for p in (base, place))
    return chosen.without({n for n in before.keys() | after.keys() if before.get(n) != after.get(n)})


def of_design(
    design: Design, sets: Sequence[str] = (), posterior: str = AUTO, reading: str = "both"
) -> Design:
    """A comparison with the posteriors of its places, and with its replications dealt out to draws."""
    found: dict[str, ParameterDraws] = {}
    for name, place in zip(design.comparison.places, design.places, strict=True):
        cell = design.of(place)[0]
        draws = draws_for(name, cell.place, sets, posterior, reading)
        if draws is not None:
            found[place] = draws
    comparison = design.comparison
    if comparison.draws is None and found:
        draws_in_all = min(min(d.count for d in found.values()), max(2, comparison.replications // PER_DRAW))
        each = max(PER_DRAW, comparison.replications // draws_in_all)
        comparison = comparison.model_copy(update={"draws": draws_in_all, "replications": each})
    most = min((d.count for d in found.values()), default=0)
    if found and (comparison.draws or 1) > max(1, most):
        problem = Message(
            "a posterior has {most} parameter draws, fewer than {draws}", most=most, draws=comparison.draws
        )
        raise _refusal(comparison.name, problem, Message("Ask for at most {most}.", most=most))
    cells = tuple(replace(cell, posterior=found.get(cell.place.name)) for cell in design.cells)
    return replace(design, comparison=comparison, cells=cells)


def without_theirs(design: Design) -> tuple[str, ...]:
    """Files of places that bear the name of one with a posterior, and are no longer what it was made from."""
    names = zip(design.comparison.places, design.places, strict=True)
    calibrated = {cell.place.name for cell in design.cells if cell.posterior is not None}
    return tuple(file for file, name in names if name not in calibrated and path_of(name).is_file())


def lost(file: str) -> Message:
    """What is said of a place whose posterior is no longer used."""
    return Message(
        "{file} is not what its posterior was made from: the posterior is not used, and numbers stand at their central "
        "values. To renew it: run_sim.py calibrate {file}",
        file=file,
    )


def _refusal(what: str, problem: Text, remedy: Text) -> ScenarioError:
    return ScenarioError([Fault(what, 0, "", problem, remedy)])


def told_since(place: str, draws: ParameterDraws | None) -> list[Text]:
    """What studies have told of the readings since the calibration whose draws are used; empty where none has."""
    file = path_of(place)
    if draws is None or not file.is_file():
        return []
    posterior = load(file)
    known = {posterior.draws(r).key for r in posterior.readings}
    if len(posterior.readings) == len(READINGS):
        known.add(posterior.draws().key)
    told = posterior.about.get("observed") or []
    if draws.key not in known or not told:
        return []
    odds = float(told[-1]["odds"])
    name, ratio = (READINGS[0], odds) if odds >= 1 else (READINGS[1], 1.0 / odds)
    return [
        Message(
            "{yes} of {n} parties rung said that their matter is settled: the odds are {odds} to 1 that the record is "
            "{reading}. What is said over both readings counts them alike; --reading {name} takes that one.",
            yes=sum(one["yes"] for one in told),
            n=sum(one["asked"] for one in told),
            odds=f"{min(ratio, 1e6):,.3g}",
            reading=Term("reading", name),
            name=name,
        )
    ]


def words(draws: ParameterDraws | None) -> Text:
    """What a result says of its parameters."""
    if draws is None:
        return Message("Uncalibrated: parameters at their central values.")
    names = [Term("reading", reading) for reading, _, _ in draws.parts]
    both = Message("{one} and {other}", one=names[0], other=names[1]) if len(names) == 2 else names[0]
    return Message(
        "Calibrated: parameters drawn from the posterior of the place ({readings} reading).", readings=both
    )
