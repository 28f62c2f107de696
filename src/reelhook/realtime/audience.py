"""The open streams, filed by what they may see: an update costs no question to those who cannot want it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from reelhook.realtime.encoding import Encoding
from reelhook.realtime.log import Update
from reelhook.realtime.recent import Entry
from reelhook.realtime.subscriber import Subscriber
from reelhook.realtime.wants import EVERYBODY, Shelf, shelves_of


@dataclass(frozen=True, slots=True)
class Part:
    """Streams that want the same *entries*, in the same *encoding*."""

    entries: Sequence[Entry]
    encoding: Encoding
    streams: list[Subscriber] = field(default_factory=list)


class Audience:
    """Streams by their number, oldest first, and by their shelves."""

    def __init__(self) -> None:
        self._open: dict[int, Subscriber] = {}
        self._shelves: dict[Shelf, set[Subscriber]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(self._open.values())

    def numbered(self, number: int | None) -> Subscriber | None:
        return None if number is None else self._open.get(number)

    def add(self, subscriber: Subscriber) -> None:
        self._open[subscriber.number] = subscriber
        for shelf in subscriber.wants.shelves():
            self._shelves.setdefault(shelf, set()).add(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        del self._open[subscriber.number]
        for shelf in subscriber.wants.shelves():
            self._shelves[shelf].remove(subscriber)
            if not self._shelves[shelf]:
                del self._shelves[shelf]

    def of(self, update: Update) -> list[Subscriber]:
        """The live streams that want *update*."""
        return [one for one in self._near(update) if one.live and one.wants(update)]

    async def divided(self, entries: Sequence[Entry], breathe: Callable[[int], Awaitable[None]]) -> Iterable[Part]:
        """Who wants which of *entries*; whoever wants none is left out. *breathe* is told how many were asked."""
        wanted: dict[Subscriber, int] = {}  # to each entry its bit
        for place, (update, _) in enumerate(entries):
            for one in (streams := self.of(update)):
                wanted[one] = wanted.get(one, 0) | 1 << place
            await breathe(len(streams))
        parts: dict[tuple[int, Encoding], Part] = {}
        for one, bits in wanted.items():
            part = parts.get((bits, one.encoding))
            if part is None:
                some = [entry for place, entry in enumerate(entries) if bits >> place & 1]
                part = parts[bits, one.encoding] = Part(some, one.encoding)
            part.streams.append(one)
        return parts.values()

    def _near(self, update: Update) -> Iterable[Subscriber]:
        """All who may want *update*, and few others."""
        shelves = shelves_of(update)
        if EVERYBODY in shelves:
            return self._open.values()
        return chain.from_iterable(self._shelves.get(shelf, ()) for shelf in shelves)
