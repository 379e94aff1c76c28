"""Keeps a port while nobody listens on it. The server uses it between going down and coming back."""

from __future__ import annotations

import socket

__all__ = ["reserved_port"]


def reserved_port(host: str, port: int) -> socket.socket:
    """Return a socket that holds a port without listening: callers are refused, and nobody else can take the port."""
    reserved = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((host, port))
    return reserved
