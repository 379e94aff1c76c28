"""Bytes from strangers: whatever they are, the loopback stays up, answers others, and keeps its memory.

`python -m tests.whole.fuzz` runs as many examples as asked for; test_fuzz.py is a short run in the suite.
"""
