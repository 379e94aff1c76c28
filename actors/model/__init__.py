"""The words of the package: errors, settings, policies, content, events, status and outcomes.

This wing holds frozen data and pure functions. It does not wait, connect or remember. It imports the standard library
alone, and every other wing imports it.
"""
