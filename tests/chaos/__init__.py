"""Fifty sessions under a seeded script of faults, and what must hold afterwards: `python -m tests.chaos --seed 1`."""
