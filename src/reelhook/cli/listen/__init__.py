"""`reelhook listen`: what comes in, as it comes in; and, if wanted, on to a program of one's own.

The command is in `command`, following the server in `follow`, passing events on in `forward`, its lines in `lines`.
"""

from reelhook.cli.listen.command import register

__all__ = ["register"]
