"""How much is written to one subscriber before it has to have read some."""

from collections.abc import Iterable, Iterator, Sequence

from reelhook.realtime import wire
from reelhook.realtime.recent import Entry
from reelhook.realtime.subscriber import Subscriber

MOST_BYTES = 32 * 1024


def of(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """*entries* in portions of so many bytes, or of one entry that is larger."""
    first = size = 0
    for place, (_, frame) in enumerate(entries):
        if size and size + len(frame) > MOST_BYTES:
            yield entries[first:place]
            first, size = place, 0
        size += len(frame)
    if entries:
        yield entries[first:]


def first(missed: Iterable[Entry], level: int, subscriber: Subscriber) -> list[bytes]:
    """The frames of one portion of what *subscriber* missed; it has then got that far."""
    frames: list[bytes] = []
    size = 0
    for update, frame in missed:
        subscriber.last_id = update.id
        if update.event == wire.RESYNC or subscriber.wants(update):
            frames.append(frame)
            size += len(frame)
        if size >= MOST_BYTES:
            return frames
    subscriber.last_id = level
    return frames
