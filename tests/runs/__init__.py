"""Tests of replications, executors and the store of results."""
