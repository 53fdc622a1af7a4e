"""Where work runs: here, in worker processes, or on a cluster."""
