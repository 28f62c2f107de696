"""The newest updates with their frames, in memory, for all who fell a little behind."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from heapq import merge

from reelhook.realtime.log import Update
from reelhook.realtime.wants import ALL, EVERYBODY, Shelf, shelves_of

MOST = 1024

Entry = tuple[Update, bytes]


class Recent:
    """A window on the end of the log. *start* is the id behind which it knows everything.

    Kept by their shelves, too: thousands who come back together must not each look through what was told to others.
    """

    def __init__(self, start: int, most: int = MOST) -> None:
        self._start, self._most = start, most
        self._entries: list[Entry] = []
        self._shelves: defaultdict[Shelf, list[Entry]] = defaultdict(list)

    @property
    def newest(self) -> int:
        """The id of the last update that was added."""
        return self._entries[-1][0].id if self._entries else self._start

    def add(self, update: Update, frame: bytes) -> None:
        self._entries.append((update, frame))
        self._shelve((update, frame))
        if len(self._entries) > 2 * self._most:  # seldom and many, for taking from a list's front moves the rest
            self._start = self._entries[self._most][0].id
            del self._entries[: self._most + 1]
            self._shelves.clear()
            for entry in self._entries:
                self._shelve(entry)

    def after(self, last_id: int, limit: int, shelves: Collection[Shelf]) -> tuple[list[Entry], int] | None:
        """At most *limit* updates behind *last_id* for a stream on *shelves*, in order, and the id up to which these
        are all it may want. None when only the log knows.
        """
        if not self._start <= last_id <= self.newest:
            return None
        if ALL in shelves:
            found = _behind(self._entries, last_id, limit)
        else:
            parts = [_behind(self._shelves.get(one, []), last_id, limit) for one in (*shelves, EVERYBODY)]
            found = list(merge(*parts, key=_id))[:limit]
        return found, found[-1][0].id if len(found) == limit else self.newest

    def _shelve(self, entry: Entry) -> None:
        for shelf in shelves_of(entry[0]):
            if shelf != ALL:
                self._shelves[shelf].append(entry)


def _behind(entries: list[Entry], last_id: int, limit: int) -> list[Entry]:
    first = bisect_right(entries, last_id, key=_id)
    return entries[first : first + limit]


def _id(entry: Entry) -> int:
    return entry[0].id
