"""Experiments: many replications, on one core or many, kept as they finish."""
