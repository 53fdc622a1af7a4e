"""What all figures share: settings, colours, words and the form of numbers."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib.ticker import FuncFormatter

from sim.language import current, marked
from sim.show.figures.typeface import families
from sim.vocabulary import End, Tier

# Dark blue, vermilion and greys: told apart by the colour-blind, and by their lightness in a black-and-white print.
BLUE, PALE_BLUE, ORANGE, PALE_ORANGE = "#1f4e79", "#a9c9e3", "#c04a00", "#f3c6a0"
INK, GREY, PALE_GREY, FAINT = "#222222", "#666666", "#d9d9d9", "#ededed"
TEXT, SMALL, TITLE = 9.0, 8.0, 13.0  # points

TIER_WORDS = {  # texts for `tr`
    "hamlet": marked("hamlet"),
    "village": marked("village committee"),
    "police": marked("police station"),
    "township": marked("township centre"),
    "county": marked("county departments"),
    "decision": marked("decision, arbitration"),
    "court_mediation": marked("court mediation"),
    "trial": marked("trial"),
}
TIERS = [t.name.lower() for t in Tier if t != Tier.PETITION]
END_WORDS = {  # texts for `tr`
    End.SETTLED: marked("settled by mediation"),
    End.DECIDED: marked("decided, arbitrated"),
    End.ADJUDICATED: marked("judged"),
    End.SELF_SETTLED: marked("settled by the parties"),
    End.WITHDRAWN: marked("withdrawn"),
    End.LUMPED: marked("given up"),
}


def _settings() -> dict[str, Any]:
    return {
        "font.family": list(families()),
        "font.size": TEXT,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.labelsize": TEXT,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": TEXT,
        "axes.unicode_minus": True,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "lines.solid_capstyle": "butt",
        "savefig.facecolor": "white",
        "svg.fonttype": "path",  # outlines: a viewer needs no font
        "svg.hashsalt": "village-disputes",  # element names do not change from run to run
    }


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw and save inside this: the settings of the figures, whatever the user's own settings are."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")  # `say_missing` says it, once
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams
        parameters.update(_settings())
        yield


def number(value: float, unit: str = "") -> str:
    """A number with as many digits as a reader can use: `1,294`, `13`, `3.4`, `<0.1`, and a dash for none."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 9.95 or value == 0:
        text = f"{value:,.0f}"
    elif abs(value) < 0.05:
        text = "<0.1" if value > 0 else ">−0.1"
    else:
        text = f"{value:,.1f}"
    return f"{text} {unit}".strip().replace("-", "−")


def percent_ticks() -> FuncFormatter:
    """Tick labels in percent."""
    return ticks("%" if current() == "zh" else " %")


def ticks(unit: str = "") -> FuncFormatter:
    """Tick labels with thousands separated, as short as they can be."""
    return FuncFormatter(lambda x, _: f"{round(x, 10):,.10g}{unit}".replace("-", "−"))
