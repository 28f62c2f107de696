"""How many streams one person may have open: the newest so many stay, the oldest gives way."""

from collections.abc import Mapping
from typing import Protocol

from reelhook.auth import Principal
from reelhook.kit.bus import Bus
from reelhook.kit.clock import Clock

SUPERSEDED = "superseded"
"""The topic. A message is the stream that gives way, as `stream_name` writes it."""


class StreamCap(Protocol):
    """Says on the bus which streams give way. Every method but `run` is called on the loop and returns at once."""

    def opened(self, owner: str, number: int) -> None:
        """The stream *number* of this process was opened for *owner*."""
        ...

    def closed(self, owner: str, number: int) -> None:
        """It is closed, for whatever reason."""
        ...

    async def run(self) -> None:
        """Do what takes time, until cancelled."""
        ...


def owner(principal: Principal) -> str | None:
    """For whom streams are counted: a person, or a builder's user. Nobody, for programs: they hold as many as they use.

    A program's streams are not opened by a browser that forgets them, and closing one would take a service down.
    """
    return principal.actor if principal.kind in ("person", "token") else None


def stream_name(process: str, number: int) -> str:
    return f"{process}/{number}"


def number_here(name: str, process: str) -> int | None:
    """The number of the stream *name*, if it is one of *process*."""
    whose, _, number = name.rpartition("/")
    return int(number) if whose == process and number.isdecimal() else None


class MemoryCap:
    """At most *most* for each owner in this process."""

    def __init__(self, bus: Bus, clock: Clock, most: int) -> None:
        self._bus, self._clock, self._most = bus, clock, most
        self._opened: dict[str, dict[int, float]] = {}

    def opened(self, owner: str, number: int) -> None:
        same = self._opened.setdefault(owner, {})
        same[number] = self._clock.now().timestamp()
        for oldest in list(same)[: -self._most]:
            del same[oldest]
            self._bus.publish(SUPERSEDED, stream_name(self._bus.me, oldest))

    def closed(self, owner: str, number: int) -> None:
        same = self._opened.get(owner, {})
        same.pop(number, None)
        if not same:
            self._opened.pop(owner, None)

    def streams(self, owner: str) -> Mapping[int, float]:
        """The open streams of *owner* and when they were opened, oldest first."""
        return self._opened.get(owner, {})

    def owners(self) -> list[str]:
        return list(self._opened)

    async def run(self) -> None:
        """Nothing here takes time."""
