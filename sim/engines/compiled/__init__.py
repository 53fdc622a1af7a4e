"""The compiled engine: the same life of a dispute in machine code.

loop      one replication: births, the loop of events
life, latent, stations, machine   as in the reference engine
agenda, heaps   what is to happen, and who waits
layout    records in memory
codes     enumerations as the compiler wants them
"""

from sim.engines.compiled.loop import make_machine_code, simulate

__all__ = ["make_machine_code", "simulate"]
