"""The limiter inside a real Redis server: the same verdicts as in memory, whatever becomes of the server."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelhook.kit.ratelimit import SECOND_US, Limit, LimiterAway, LocalLimiter, Wanted
from reelhook.kit.redis import RedisClients, RedisLimiter, clients, limiter
from reelhook.kit.redis.limiter import GCRA
from tests.conftest import StillClock, examples
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]

MANY = 120  # more than a pool has connections
SLOW = Limit("slow", rate=0.1, burst=3)
# A key lives as long as the limit is busy, in the server's own time: slow limits, so that none ends during an example.
LIMITS = st.builds(Limit, st.sampled_from(["one", "two"]), st.floats(1e-5, 0.02), st.integers(1, 50))
STEPS = st.tuples(st.integers(0, 3600 * SECOND_US), st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 60))))


class SetClock(StillClock):
    """Shows what it was set to."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine half a second may be too little for a server that is well."""
    for module in (clients, limiter):
        monkeypatch.setattr(module, "QUICK_S", 20.0)


@pytest.fixture
async def server_clients(redis_server: RedisServer) -> AsyncIterator[RedisClients]:
    made = RedisClients(redis_server.url)
    yield made
    await made.close()


@pytest.fixture
def shared(server_clients: RedisClients) -> RedisLimiter:
    return RedisLimiter(server_clients)


@given(st.lists(LIMITS, min_size=1, max_size=2), st.lists(STEPS, max_size=20), st.integers(0, 2 * 10**15))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redis_and_memory_say_the_same(redis_server: RedisServer, limits, steps, start: int) -> None:
    """The script as it is, but told the time."""

    async def compare() -> None:
        now, clock, server = start, SetClock(), RedisClients(redis_server.url)
        local = LocalLimiter(clock)
        try:
            await server.quick.flushall()
            for passed, wanted in steps:
                now += passed
                clock.seconds = now / SECOND_US  # exact enough: a double has room for microseconds since 1970
                asked = [Wanted(limit, key, cost) for key, cost in wanted for limit in limits]
                if asked:
                    shared = RedisLimiter(server, f"local now = {now}\n{GCRA}")
                    assert await shared.take(*asked) == local.take(*asked)
        finally:
            await server.close()

    asyncio.run(compare())


async def test_a_burst_and_then_the_rate(shared: RedisLimiter) -> None:
    verdicts = [(await shared.take(Wanted(SLOW)))[0] for _ in range(4)]
    assert [(verdict.allowed, verdict.remaining) for verdict in verdicts] == [
        (True, 2),
        (True, 1),
        (True, 0),
        (False, 0),
    ]
    assert 9 < verdicts[-1].retry_after_s <= 10
    quick = Limit("quick", rate=20, burst=1)
    while (refused := (await shared.take(Wanted(quick)))[0]).allowed:
        continue
    await asyncio.sleep(refused.retry_after_s)
    assert (await shared.take(Wanted(quick)))[0].allowed, "as soon as was said"


async def test_many_at_once_get_the_burst_and_no_more(redis_server: RedisServer) -> None:
    servers = [RedisClients(redis_server.url) for _ in range(2)]
    limiters = [RedisLimiter(server) for server in servers]
    wanted = Wanted(Limit("many", rate=0.01, burst=50))
    taken = await asyncio.gather(*(each.take(wanted) for each in limiters * MANY))
    assert sum(verdicts[0].allowed for verdicts in taken) == 50
    for server in servers:
        await server.close()


async def test_of_several_none_is_counted_after_the_first_that_refuses(shared: RedisLimiter) -> None:
    one, three = Wanted(Limit("one", rate=0.01, burst=1)), Wanted(SLOW)
    assert [verdict.allowed for verdict in await shared.take(one, three)] == [True, True]
    assert [verdict.limit.name for verdict in await shared.take(one, three)] == ["one"]
    assert (await shared.take(three))[0].remaining == 1


async def test_nothing_stays_in_redis_longer_than_it_is_needed(
    shared: RedisLimiter, server_clients: RedisClients
) -> None:
    for _ in range(5):
        await shared.take(Wanted(SLOW, "someone"))
    (key,) = await server_clients.quick.keys()
    assert 0 < await server_clients.quick.pttl(key) <= SLOW.room_us / 1000


async def test_what_redis_forgets_is_free_again(shared: RedisLimiter, server_clients: RedisClients) -> None:
    one = Wanted(Limit("one", rate=0.01, burst=1))
    assert [(await shared.take(one))[0].allowed for _ in range(2)] == [True, False]
    await server_clients.quick.flushall()
    assert [(await shared.take(one))[0].allowed for _ in range(2)] == [True, False]
    await server_clients.quick.script_flush()
    assert not (await shared.take(one))[0].allowed, "the script is taught again, and nothing else was forgotten"


async def test_a_server_that_was_replaced_is_used_as_soon_as_it_is_there(
    shared: RedisLimiter, redis_server: RedisServer
) -> None:
    one = Wanted(Limit("one", rate=0.01, burst=1))
    assert (await shared.take(one))[0].allowed
    redis_server.stop()
    for _ in range(2):
        with pytest.raises(LimiterAway):
            await shared.take(one)
    redis_server.start()
    assert [(await shared.take(one))[0].allowed for _ in range(2)] == [True, False]


async def test_a_server_that_answers_no_more_costs_half_a_second_however_many_ask(
    shared: RedisLimiter, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shared.take(Wanted(SLOW))
    monkeypatch.undo()
    redis_server.freeze()
    began = time.monotonic()
    asked = await asyncio.gather(*(shared.take(Wanted(SLOW)) for _ in range(MANY)), return_exceptions=True)
    assert time.monotonic() - began < 15
    assert {type(each) for each in asked} == {LimiterAway}
    redis_server.thaw()
    assert (await shared.take(Wanted(SLOW, "thawed")))[0].allowed
