"""Benchmarks: ratios of two things measured in turn, in one run, on one interpreter. `python -m tests.benchmarks`."""
