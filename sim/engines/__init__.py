"""Engines: from a model and its draws to a trace."""
