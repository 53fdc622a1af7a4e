"""What `list` prints."""

from __future__ import annotations

from sim.language import current, marked, shown, tr
from sim.scenario import terms
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policies import load_policy, measures_of
from sim.show.text.console import console, table
from sim.studies.listing import Listing


def print_listing(study: Listing) -> None:
    """A table of each kind."""
    out = console()
    show = {
        "metrics": _metrics,
        "mechanisms": _mechanisms,
        "places": _places,
        "experiments": _experiments,
        "policies": _policies,
    }
    for what in study.what:
        out.print(tr("{heading}:", heading=tr(what.capitalize())), style="bold")
        show[what]()
        out.print()
    for message in study.messages():
        console(error=True).print(shown(message))


def _not_valid(error: ScenarioError) -> str:
    return tr("not valid: {n} fault(s), see validate", n=len(error.faults))


def _places() -> None:
    columns = (tr("  name"), tr("place"), tr("window"), tr("villages"), tr("townships"), tr("people"))
    grid = table(*columns, right=(3, 4, 5))
    for name in names("places"):
        try:
            place = load_place(name)
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "", "", "", "")
            continue
        grid.add_row(
            f"  {name}",
            terms.title(place.title),
            tr("{start} to {end}", start=place.window.start, end=place.window.end),
            f"{int(place.villages.count):,}",
            f"{int(place.townships.count):,}",
            f"{int(place.population.persons):,}",
        )
    console().print(grid)


def _experiments() -> None:
    grid = table(tr("  name"), tr("experiment"), tr("what"), tr("about"))
    for name in names("experiments"):
        try:
            if is_comparison(name):
                design = load_comparison(name)
                title, about = design.comparison.title, design.comparison.about
                said = marked("comparison, {n} place(s), {m} policies in all")
                what = tr(said, n=len(design.places), m=len(design.cells))
            else:
                experiment = load_experiment(name).experiment
                title, about = experiment.title, experiment.about
                what = tr("nation, {n:,} counties", n=int(experiment.totals.counties))
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "", "")
            continue
        grid.add_row(f"  {name}", terms.title(title), what, tr(about))
    console().print(grid)


def _policies() -> None:
    grid = table(tr("  name"), tr("policy"), tr("mechanisms"))
    for name in names("policies"):
        try:
            policy = load_policy(name)
            mechanisms = tr(", ").join(terms.mechanism(m.mechanism) for m in measures_of(policy))
        except ScenarioError as error:
            grid.add_row(f"  {name}", _not_valid(error), "")
            continue
        grid.add_row(f"  {name}", terms.title(policy.title), mechanisms)
    console().print(grid)


def _mechanisms() -> None:
    grid = table(tr("  name"), tr("in Chinese"), tr("acts at"), tr("meaning"), tr("who pays"))
    for name, one in MECHANISMS.items():
        grid.add_row(f"  {name}", one.zh, tr(one.acts_at), tr(one.about), tr(one.pays))
    console().print(grid)


def _metrics() -> None:
    in_words = current() != "en"  # beside the name that is typed
    called = (tr("metric"),) if in_words else ()
    grid = table(tr("  name"), *called, tr("unit"), tr("layer"), tr("by"), tr("meaning"))
    for name, metric in KNOWN_METRICS.items():
        called = (terms.metric(name),) if in_words else ()
        cells = (terms.unit(metric.unit, name), tr(metric.layer), tr(metric.by), tr(metric.about))
        grid.add_row(f"  {name}", *called, *cells)
    console().print(grid)
