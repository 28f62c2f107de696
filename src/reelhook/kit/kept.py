"""Making much that stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Inside, Python does not look for garbage, and never again in what is there at the end.

    While modules are loaded and a service is made, next to everything stays, and to look through it over and over takes
    a seventh of a start; later, each full search would stop the event loop for it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
