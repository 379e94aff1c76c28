"""The way in for the test kit: commands over a socket of their own, each a function with a name. It isn't MTProto.

`actors/testing` and the command line use it.
"""
