"""Running cases: replications, on one core or many, kept as they finish."""
