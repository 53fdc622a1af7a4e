"""From a place to a model: flat arrays that an engine can run."""

from sim.model.build import Model, build
from sim.model.tables import Tables

__all__ = ["Model", "Tables", "build"]
