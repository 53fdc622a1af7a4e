"""Choosing the best of several systems by simulation.

`kn` runs until it can promise the best; `ocba` makes the most of a fixed number of replications and promises nothing.
"""

from sim.statistics.selection.asking import Better, Simulate
from sim.statistics.selection.budget import Allocation, ocba
from sim.statistics.selection.sequential import Dropped, Selection, Variance, kn

__all__ = ["Allocation", "Better", "Dropped", "Selection", "Simulate", "Variance", "kn", "ocba"]
