"""Benchmarks: ratios of two things, measured in turn in one run. `python -m tests.whole.benchmarks`."""
