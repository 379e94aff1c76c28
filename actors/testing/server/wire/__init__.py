"""From bytes to messages and back: framing, encryption, containers, the key exchange. Not what is said in them.

Used by the connections of the server; it knows no account and no method.
"""
