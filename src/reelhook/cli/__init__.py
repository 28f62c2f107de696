"""The command line: one file per command, loaded when called.

`main` exits with 0 when it is done, 1 when it failed, 2 when it was called wrongly.
"""

from reelhook.cli.main import main

__all__ = ["main"]
