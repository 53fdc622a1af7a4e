"""Tests against theory: degenerate places whose mean queues, waits and ends are known exactly."""
