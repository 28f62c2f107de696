"""Where an error happened, in words that stay the same from one version to the next."""

import traceback
from collections.abc import Iterator
from types import FrameType

# What rooms do their work through: what fails there is known by who asked.
PLUMBING = ("reelhook.db.", "reelhook.kit.")
UNKNOWN = "unknown"


def place(error: BaseException) -> str:
    """`module:function` of the innermost frame of ours, that of a room before that of plumbing; else of any."""
    frames = tuple(_frames(error))[::-1]
    ours = [(module, name) for module, name in frames if module.startswith("reelhook.")]
    rooms = [(module, name) for module, name in ours if not module.startswith(PLUMBING)]
    for module, name in (*rooms, *ours, *frames):
        return f"{module}:{name}"
    return UNKNOWN


def _frames(error: BaseException) -> Iterator[tuple[str, str]]:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield _module(frame), frame.f_code.co_qualname


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))
