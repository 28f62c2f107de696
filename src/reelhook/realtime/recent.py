"""The newest updates with their frames, in memory, for all who fell a little behind."""

from bisect import bisect_right

from reelhook.realtime.log import Update

MOST = 1024

Entry = tuple[Update, bytes]


class Recent:
    """A window on the end of the log. *start* is the id behind which it knows everything."""

    def __init__(self, start: int, most: int = MOST) -> None:
        self._start, self._most = start, most
        self._entries: list[Entry] = []

    @property
    def newest(self) -> int:
        """The id of the last update that was added."""
        return self._entries[-1][0].id if self._entries else self._start

    def add(self, update: Update, frame: bytes) -> None:
        self._entries.append((update, frame))
        if len(self._entries) > 2 * self._most:  # seldom and many, for taking from a list's front moves the rest
            self._start = self._entries[self._most][0].id
            del self._entries[: self._most + 1]

    def after(self, last_id: int, limit: int) -> list[Entry] | None:
        """At most *limit* updates behind *last_id*, in order; None when only the log knows."""
        if not self._start <= last_id <= self.newest:
            return None
        first = bisect_right(self._entries, last_id, key=lambda entry: entry[0].id)
        return self._entries[first : first + limit]
