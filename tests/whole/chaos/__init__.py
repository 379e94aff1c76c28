"""Fifty sessions under a seeded script of faults, and what must hold: `python -m tests.whole.chaos --seed 1`."""
