"""One lookup for many, good for a moment, and never older than the last change."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from reelhook.kit.cache import Cache, Result
from tests.conftest import StillClock, eventually

Load = Callable[[], Awaitable[str | None]]


class Source:
    """Where the values come from: they can change, and a lookup can be held up."""

    def __init__(self) -> None:
        self.value: str | None = "old"
        self.lookups = 0
        self.open = asyncio.Event()
        self.open.set()

    async def look_up(self) -> str | None:
        self.lookups += 1
        seen = self.value
        await self.open.wait()
        return seen


class Counted(Cache[str, str | None]):
    def __init__(self, clock: StillClock, most: int = 100) -> None:
        self.results: Counter[Result] = Counter()
        super().__init__(clock, 1.0, most, lambda result: self.results.update([result]))


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(clock: StillClock) -> Counted:
    return Counted(clock)


async def held(cache: Counted, source: Source) -> asyncio.Task[str | None]:
    """Somebody who waits for a lookup that has begun and does not end before `source.open` is set."""
    source.open.clear()
    before = source.lookups
    waiting = asyncio.create_task(cache.get("a", source.look_up))
    await eventually(lambda: source.lookups > before)
    return waiting


async def test_a_value_is_kept_for_its_lifetime(cache: Counted, source: Source, clock: StillClock) -> None:
    assert await cache.get("a", source.look_up) == "old"
    source.value = "new"
    clock.move(0.99)
    assert await cache.get("a", source.look_up) == "old"
    clock.move(0.01)
    assert await cache.get("a", source.look_up) == "new"
    assert cache.results == {"miss": 2, "hit": 1}


async def test_the_lifetime_counts_from_the_begin_of_the_lookup(
    cache: Counted, source: Source, clock: StillClock
) -> None:
    waiting = await held(cache, source)
    clock.move(0.6)
    source.value = "new"
    source.open.set()
    assert await waiting == "old"
    clock.move(0.4)
    assert await cache.get("a", source.look_up) == "new"


async def test_many_who_ask_at_once_cost_one_lookup(cache: Counted, source: Source) -> None:
    first = await held(cache, source)
    others = [asyncio.create_task(cache.get("a", source.look_up)) for _ in range(50)]
    await eventually(lambda: cache.results["shared"] == 50)
    source.open.set()
    assert set(await asyncio.gather(first, *others)) == {"old"}
    assert source.lookups == 1


async def test_nobody_joins_a_lookup_that_began_too_long_ago(cache: Counted, source: Source, clock: StillClock) -> None:
    slow = await held(cache, source)
    source.value = "new"
    clock.move(1)
    late = asyncio.create_task(cache.get("a", source.look_up))
    await eventually(lambda: source.lookups == 2)
    source.open.set()
    assert [await slow, await late] == ["old", "new"]
    assert await cache.get("a", source.look_up) == "new", "the older one did not overwrite the younger"
    assert source.lookups == 2


async def test_an_error_goes_to_all_who_wait_and_is_not_kept(cache: Counted, source: Source) -> None:
    opened = asyncio.Event()

    async def fail() -> str:
        await opened.wait()
        raise LookupError("away")

    waiting = [asyncio.create_task(cache.get("a", fail)) for _ in range(3)]
    await eventually(lambda: cache.results["shared"] == 2)
    opened.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(result) for result in results] == ["away"] * 3
    assert await cache.get("a", source.look_up) == "old"


async def test_who_gives_up_waiting_does_not_end_it_for_the_others(cache: Counted, source: Source) -> None:
    first = await held(cache, source)
    second = asyncio.create_task(cache.get("a", source.look_up))
    await eventually(lambda: cache.results["shared"] == 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.open.set()
    assert await second == "old"
    assert source.lookups == 1


@pytest.mark.parametrize("forget", [lambda cache: cache.forget("a"), lambda cache: cache.forget_all()])
@pytest.mark.parametrize("before", ["old", None])
async def test_what_is_forgotten_is_looked_up_again(
    cache: Counted, source: Source, forget: Callable[[Counted], None], before: str | None
) -> None:
    source.value = before
    assert await cache.get("a", source.look_up) == before
    source.value = "new"
    forget(cache)
    assert await cache.get("a", source.look_up) == "new"


@pytest.mark.parametrize("forget", [lambda cache: cache.forget("a"), lambda cache: cache.forget_all()])
async def test_a_lookup_that_began_before_the_change_is_neither_joined_nor_kept(
    cache: Counted, source: Source, forget: Callable[[Counted], None]
) -> None:
    early = await held(cache, source)
    source.value = "new"
    forget(cache)
    late = asyncio.create_task(cache.get("a", source.look_up))
    await eventually(lambda: source.lookups == 2)
    source.open.set()
    assert [await early, await late] == ["old", "new"]
    assert await cache.get("a", source.look_up) == "new"


async def test_a_lookup_that_was_overtaken_by_a_change_is_not_kept_when_it_comes(
    cache: Counted, source: Source
) -> None:
    early = await held(cache, source)
    source.value = "new"
    cache.forget("a")
    source.open.set()
    assert await early == "old"
    assert await cache.get("a", source.look_up) == "new"


async def test_the_values_used_least_recently_are_forgotten(clock: StillClock, source: Source) -> None:
    cache = Counted(clock, most=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        await cache.get(key, source.look_up)
    assert cache.results == {"hit": 2, "miss": 4}


async def test_a_flood_of_guesses_pushes_out_nothing_that_was_found(clock: StillClock, source: Source) -> None:
    cache = Counted(clock, most=2)
    await cache.get("good", source.look_up)
    source.value = None
    for number in range(10):
        await cache.get(f"guess-{number}", source.look_up)
    await cache.get("guess-9", source.look_up)
    await cache.get("good", source.look_up)
    assert cache.results == {"miss": 11, "hit": 2}


async def test_what_was_missing_may_be_found_later(cache: Counted, source: Source, clock: StillClock) -> None:
    source.value = None
    assert await cache.get("a", source.look_up) is None
    clock.move(1)
    source.value = "there"
    assert await cache.get("a", source.look_up) == "there"
    assert await cache.get("a", source.look_up) == "there"


async def test_closing_ends_what_is_under_way(cache: Counted, source: Source) -> None:
    waiting = await held(cache, source)
    async with asyncio.timeout(10):
        await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
