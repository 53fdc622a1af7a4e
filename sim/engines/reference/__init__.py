"""The reference engine: a SimPy program that is meant to be read.

    machine     time, luck, rows of the trace
    stations    pools, queues, side jobs
    latent      a grievance before anybody knows of it
    life        the life of a dispute: begin here
    afterwards  what follows its end, and what may happen at any time
    run         one replication
    in_force    which numbers hold where and when
    state       what is kept of events, pools and disputes

The modules of the compiled engine have the same names where they do the same.
"""

from sim.engines.reference.run import simulate

__all__ = ["simulate"]
