"""Village disputes: a discrete-event simulator of how they end, or climb, in a Chinese county.

Floors, imports go down only: vocabulary and clock; scenario; model, draws, trace; rules; engines; outcomes and export;
experiments; plots; and the command line on top.
"""

__version__ = "0.1.0"
