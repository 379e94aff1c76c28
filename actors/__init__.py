"""Telegram accounts as actors: Telethon sessions on Pykka, under a supervisor.

Everything that users need is here, and stands once, in `__init__.pyi`; the nine wings below are its parts. Names are
loaded when they are first used, so that importing the package, as the pytest plugin does in every run, costs nothing.
"""

import logging

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

logging.getLogger(__name__).addHandler(logging.NullHandler())  # what is logged is the program's to show
