"""Machine code: how it is compiled, where it is kept, and how it reaches into memory. Nothing here knows the model."""

import sys


def is_loaded() -> bool:
    """Whether this process runs machine code already: then what is compiled costs no start-up."""
    return "sim.native.jit" in sys.modules
