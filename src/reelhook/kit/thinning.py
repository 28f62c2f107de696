"""Fewer of what comes in floods: the first of each kind in a second, then one of many, and how many were left out."""

import threading
from collections import Counter
from collections.abc import Hashable, Mapping

from reelhook.kit.clock import Clock

WINDOW_S = 1.0
WHOLE = 100  # of one kind in one window
ONE_OF = 100  # of those that come beyond
# Kinds that are told apart in one window; all others count as one.
MOST_KINDS = 1000
NOTHING: Mapping[Hashable, int] = {}


class Thinning:
    """Counts what it is asked about, from whatever thread. Nothing runs meanwhile: a window ends when somebody asks."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._began = clock.monotonic()
        self._seen: Counter[Hashable] = Counter()
        self._left_out: Counter[Hashable] = Counter()

    def keeps(self, kind: Hashable) -> bool:
        """Whether this one of its *kind* is kept."""
        with self._lock:
            kind = self._told_apart(kind)
            seen = self._seen[kind] + 1
            self._seen[kind] = seen
            if _kept(seen):
                return True
            self._left_out[kind] += 1
            return False

    def drops(self, kind: Hashable) -> bool:
        """Whether the next one of its *kind* would not be kept. If so it is counted, and need not be made at all."""
        with self._lock:
            kind = self._told_apart(kind)
            seen = self._seen[kind] + 1
            if _kept(seen):
                return False
            self._seen[kind] = seen
            self._left_out[kind] += 1
            return True

    def ended(self, *, now: bool = False) -> Mapping[Hashable, int]:
        """How many of each kind were left out in the window that is over, told once; *now* ends it in any case.

        None is the kind of all that were too many to be told apart.
        """
        if not now and self._clock.monotonic() - self._began < WINDOW_S:
            return NOTHING
        with self._lock:
            left_out, self._left_out = self._left_out, Counter()
            self._seen.clear()
            self._began = self._clock.monotonic()
            return left_out

    def _told_apart(self, kind: Hashable) -> Hashable:
        return None if kind not in self._seen and len(self._seen) >= MOST_KINDS else kind


def _kept(number: int) -> bool:
    return number <= WHOLE or (number - WHOLE) % ONE_OF == 0
