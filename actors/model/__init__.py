"""The words: errors, settings, policies, content, events, status. Frozen data and pure functions, nothing that waits.

The first of the nine wings: it imports the standard library alone, and every other wing imports it.
"""
