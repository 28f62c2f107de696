"""What was looked up a moment ago, kept in this process for a short while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from reelhook.kit.clock import Clock

# hit: it was here. shared: somebody else's lookup was under way. miss: it had to be looked up.
Result = Literal["hit", "shared", "miss"]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Value]):
    value: Value
    begun: float


@dataclass(frozen=True, slots=True)
class _Load(Generic[Value]):
    task: asyncio.Task[Value]
    begun: float


class Cache(Generic[Key, Value]):
    """One lookup for many who ask at once; its result is good for *lifetime_s*, counted from the lookup's begin.

    Never more than *most* results are kept, and as many of None: those used least recently are forgotten. None is kept
    apart, so that a flood of guesses pushes nothing out that was found. *counted* is told how each `get` went.
    Everything happens on one event loop.
    """

    def __init__(self, clock: Clock, lifetime_s: float, most: int, counted: Callable[[Result], None]) -> None:
        self._clock, self._lifetime_s, self._most, self._counted = clock, lifetime_s, most, counted
        self._found: OrderedDict[Key, _Kept[Value]] = OrderedDict()
        self._missing: OrderedDict[Key, _Kept[Value]] = OrderedDict()
        self._loading: dict[Key, _Load[Value]] = {}
        self._tasks: set[asyncio.Task[Value]] = set()

    async def get(self, key: Key, load: Callable[[], Awaitable[Value]]) -> Value:
        """What *load* gives for *key*, or gave a moment ago. Its error goes to all who wait for it, and is not kept."""
        now = self._clock.monotonic()
        kept = self._used(key)
        if kept is not None and self._good(kept.begun, now):
            self._counted("hit")
            return kept.value
        loading = self._loading.get(key)
        if loading is not None and self._good(loading.begun, now):
            self._counted("shared")
        else:
            self._counted("miss")
            loading = self._begin(key, load, now)
        # Shielded: whoever gives up waiting does not end it for the others.
        return await asyncio.shield(loading.task)

    def forget(self, key: Key) -> None:
        """Look *key* up again. A lookup that has begun may have seen the old state: nobody new waits for it."""
        self._found.pop(key, None)
        self._missing.pop(key, None)
        self._loading.pop(key, None)

    def forget_all(self) -> None:
        """The same for every key."""
        self._found.clear()
        self._missing.clear()
        self._loading.clear()

    async def close(self) -> None:
        """End the lookups that nobody waited for."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _good(self, begun: float, now: float) -> bool:
        return now - begun < self._lifetime_s

    def _used(self, key: Key) -> _Kept[Value] | None:
        for room in (self._found, self._missing):
            if key in room:
                room.move_to_end(key)
                return room[key]
        return None

    def _begin(self, key: Key, load: Callable[[], Awaitable[Value]], now: float) -> _Load[Value]:
        async def run() -> Value:
            return await load()

        task = asyncio.create_task(run(), name="cache-load")
        loading = self._loading[key] = _Load(task, now)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._ended(key, loading))
        return loading

    def _ended(self, key: Key, loading: _Load[Value]) -> None:
        """Keep what came, unless it was forgotten, or overtaken by a younger lookup, while it was on its way."""
        self._tasks.discard(loading.task)
        failed = loading.task.cancelled() or loading.task.exception() is not None
        if self._loading.get(key) is not loading:
            return
        del self._loading[key]
        if not failed:
            self._keep(key, _Kept(loading.task.result(), loading.begun))

    def _keep(self, key: Key, kept: _Kept[Value]) -> None:
        self._found.pop(key, None)
        self._missing.pop(key, None)
        room = self._missing if kept.value is None else self._found
        room[key] = kept
        if len(room) > self._most:
            room.popitem(last=False)
