"""The best mix of mechanisms and staff under a budget: `best_mixes` finds it, `words` tells it."""

from sim.studies.optimise.answer import Answer, Crosscheck, best_mixes, crosscheck, front_table

__all__ = ["Answer", "Crosscheck", "best_mixes", "crosscheck", "front_table"]
