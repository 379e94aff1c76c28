"""Telegram accounts as actors: Telethon sessions on Pykka, under a supervisor.

Users import every name from here. Each name stands once, in `__init__.pyi`. The wings below are the parts, and none of
them imports this module. A name is loaded when it is first used, so importing the package costs next to nothing. That
matters because every run of pytest loads the package's plugin.
"""

import logging

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

logging.getLogger(__name__).addHandler(logging.NullHandler())  # what is logged is the program's to show
