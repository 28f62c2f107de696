"""What the processes of one installation tell each other: small messages by topic. Hints, never the truth."""

from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

Listener = Callable[[str], None]


class Bus(Protocol):
    """Every method is called on the event loop, returns at once and raises nothing."""

    me: str
    """The name of this process: another at each start."""

    def publish(self, topic: str, message: str = "") -> None:
        """Tell every process, this one first. A message to the others may be lost: then they are told of a gap.

        The same message twice may reach the others as one.
        """
        ...

    def listen(self, topic: str, listener: Listener) -> None:
        """Call *listener* with each message of *topic*. What it cannot read comes from another version: ignore it."""
        ...

    def after_gap(self, listener: Callable[[], None]) -> None:
        """Call *listener* whenever messages of others may have been missed: look at the truth again."""
        ...

    async def run(self) -> None:
        """Hear the others, until cancelled."""
        ...


class Listeners:
    """Who listens to what in this process. A bus has one."""

    def __init__(self) -> None:
        self._by_topic: dict[str, list[Listener]] = defaultdict(list)
        self._after_gap: list[Callable[[], None]] = []

    def add(self, topic: str, listener: Listener) -> None:
        self._by_topic[topic].append(listener)

    def add_after_gap(self, listener: Callable[[], None]) -> None:
        self._after_gap.append(listener)

    def tell(self, topic: str, message: str) -> None:
        for listener in self._by_topic.get(topic, ()):
            listener(message)

    def tell_of_gap(self) -> None:
        for listener in self._after_gap:
            listener()


class LocalBus:
    """The bus of a process that is alone. It loses nothing."""

    me = "alone"

    def __init__(self) -> None:
        self._listeners = Listeners()

    def publish(self, topic: str, message: str = "") -> None:
        self._listeners.tell(topic, message)

    def listen(self, topic: str, listener: Listener) -> None:
        self._listeners.add(topic, listener)

    def after_gap(self, listener: Callable[[], None]) -> None:
        self._listeners.add_after_gap(listener)

    async def run(self) -> None:
        """There is nobody else to hear."""
