"""Reelhook catches HeyGen's webhooks, keeps the videos, and tells everyone who is waiting.

For programs that receive webhooks in a framework of their own it is a library, too: `verify_signature` and
`parse_event` (docs/library.md). These are loaded when they are asked for, so that no command waits for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelhook.events.receiving import HeyGenEvent, InvalidSignature, parse_event, verify_signature
    from reelhook.events.signals import VideoSignal

# It stands here and not in the package's metadata, which take longer to read than the help to print.
__version__ = "0.1.0"

__all__ = ["HeyGenEvent", "InvalidSignature", "VideoSignal", "parse_event", "verify_signature"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'reelhook' has no attribute {name!r}")
    from reelhook.events import receiving  # noqa: PLC0415 - see above

    return getattr(receiving, name)
