"""From bytes to messages and back: framing, encryption, containers and the key exchange. It doesn't know what is said.

The connections of the server use it. No account and no method is known here.
"""
