"""The way in for the test kit: commands over a socket of their own, each a function with a name. Not MTProto.

Used by `actors/testing` and by the command line.
"""
