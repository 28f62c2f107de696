"""What every lane promises: it may lose or double an id, but never holds one back, gives too many, or raises."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from reelhook.jobs.lanes import Due, Lane, Room
from reelhook.jobs.lanes.memory import MemoryLane
from reelhook.jobs.lanes.redis import RedisLane
from reelhook.kit.redis import RedisClients
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]

QUICK, SLOW = Due("quick", False), Due("slow", True)
ROOM = Room(8, 6)


@pytest.fixture(params=["memory", "redis"])
async def lane(request: pytest.FixtureRequest) -> AsyncIterator[Lane]:
    """A lane that runs."""
    one: Lane = MemoryLane()
    clients: RedisClients | None = None
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        clients = RedisClients(server.url)
        one = RedisLane(clients)
    running = asyncio.create_task(one.run())
    await one.wait(ROOM, 0)  # Redis learns of the group
    yield one
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    if clients is not None:
        await clients.close()


async def told(lane: Lane, room: Room = ROOM) -> set[str] | None:
    """What comes of the next waits, until one of them says something."""
    async with asyncio.timeout(20):
        while True:
            ids = await lane.wait(room, 1)
            if ids is None or ids:
                return None if ids is None else set(ids)


async def test_what_is_sent_before_the_wait_is_told(lane: Lane) -> None:
    lane.send([QUICK])
    assert await told(lane) in (None, {"quick"})
    assert not await lane.wait(ROOM, 0.01)


async def test_what_is_sent_ends_the_wait(lane: Lane) -> None:
    waiting = asyncio.create_task(told(lane))
    await asyncio.sleep(0.05)  # it waits by now; should it not, the test shows less
    lane.send([SLOW])
    assert await waiting in (None, {"slow"})


async def test_a_wake_up_before_the_wait_counts_once(lane: Lane) -> None:
    lane.wake()
    lane.wake()
    assert not await asyncio.wait_for(lane.wait(ROOM, 30), 10)
    assert not await lane.wait(ROOM, 0.01)


async def test_a_wake_up_ends_the_wait(lane: Lane) -> None:
    waiting = asyncio.create_task(lane.wait(ROOM, 30))
    await asyncio.sleep(0.05)
    lane.wake()
    assert not await asyncio.wait_for(waiting, 10)


@pytest.mark.parametrize("limit_s", [0, 0.05])
async def test_a_wait_for_nothing_ends(lane: Lane, limit_s: float) -> None:
    for _ in range(2):
        assert await asyncio.wait_for(lane.wait(ROOM, limit_s), 10) in ((), [])


@pytest.mark.parametrize("room", [Room(0, 0), Room(1, 0), Room(1, 1), Room(2, 1), Room(5, 2)])
async def test_nobody_gets_more_than_there_is_room_for(lane: Lane, room: Room) -> None:
    slow = {f"slow {number}" for number in range(4)}
    lane.send([Due(name, True) for name in slow] + [Due(f"quick {number}", False) for number in range(9)])
    await told(lane, Room(1, 0))
    for _ in range(6):
        ids = await lane.wait(room, 0.02) or ()
        assert len(ids) <= room.jobs
        assert len(slow & set(ids)) <= room.slow


async def test_a_wait_that_is_given_up_harms_no_later_one(lane: Lane) -> None:
    waiting = asyncio.create_task(lane.wait(ROOM, 30))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    lane.send([QUICK])
    assert await told(lane) in (None, {"quick"})


async def test_much_at_once_is_no_trouble(lane: Lane) -> None:
    lane.send([Due(str(number), False) for number in range(20_000)])
    assert await told(lane) != set()


@pytest.fixture
async def lanes(redis_server: RedisServer) -> AsyncIterator[Callable[[], RedisLane]]:
    """Makes the lanes of several processes."""
    clients: list[RedisClients] = []
    tasks: list[asyncio.Task[None]] = []

    def make() -> RedisLane:
        clients.append(RedisClients(redis_server.url))
        lane = RedisLane(clients[-1])
        tasks.append(asyncio.create_task(lane.run()))
        return lane

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in clients:
        await client.close()


async def all_of(lane: Lane, number: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < number:
            found += await lane.wait(ROOM, 0.2) or ()
    return found


async def test_each_id_is_given_to_one_worker(lanes: Callable[[], RedisLane]) -> None:
    web, one, two = lanes(), lanes(), lanes()
    for lane in (one, two):
        await lane.wait(ROOM, 0)  # else the first to be connected may have it all
    names = {f"{number}" for number in range(200)}
    web.send([Due(name, int(name) % 3 == 0) for name in names])
    got: tuple[list[str], list[str]] = [], []

    async def read(lane: RedisLane, mine: list[str]) -> None:
        while len(got[0]) + len(got[1]) < len(names):
            mine += await lane.wait(ROOM, 0.05) or ()

    async with asyncio.timeout(20):
        await asyncio.gather(read(one, got[0]), read(two, got[1]))
    assert sorted(got[0] + got[1]) == sorted(names)
    assert min(map(len, got)) > 20, "both have work"


async def test_quick_work_does_not_wait_for_a_row_of_slow_work(lanes: Callable[[], RedisLane]) -> None:
    web, worker = lanes(), lanes()
    web.send([Due(f"slow {number}", True) for number in range(100)])
    assert len(await all_of(worker, 6)) >= 6
    web.send([QUICK])
    assert await told(worker, Room(2, 0)) == {"quick"}


async def test_an_id_too_many_is_sent_again(lanes: Callable[[], RedisLane]) -> None:
    """One command reads both streams, so that a worker with room for one may get two."""
    web, worker = lanes(), lanes()
    web.send([QUICK, SLOW])
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < 2:
            found += await worker.wait(Room(1, 1), 0.05) or ()
    assert sorted(found) == ["quick", "slow"]


async def test_nothing_is_pending_and_no_reader_is_left_behind(
    lanes: Callable[[], RedisLane], redis_server: RedisServer
) -> None:
    """So there is nothing to clean up when a worker dies."""
    web, one, two = lanes(), lanes(), lanes()
    for lane in (one, two):
        web.send([QUICK])
        assert await told(lane) == {"quick"}
    with redis_server.client() as client:
        (group,) = client.xinfo_groups("reelhook:0:jobs:quick")
    assert (group["pending"], group["consumers"]) == (0, 1)


async def test_a_stream_does_not_grow_for_ever(
    lanes: Callable[[], RedisLane], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelhook.jobs.lanes.redis.MOST_KEPT", 100)
    web, worker = lanes(), lanes()
    web.send([Due(str(number), False) for number in range(2000)])
    await told(worker)
    with redis_server.client() as client:
        assert client.xlen("reelhook:0:jobs:quick") <= 200


async def test_what_is_sent_last_goes_out_before_the_end(redis_server: RedisServer) -> None:
    clients = RedisClients(redis_server.url)
    lane = RedisLane(clients)
    running = asyncio.create_task(lane.run())
    await asyncio.sleep(0)
    lane.send([QUICK])
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert await told(RedisLane(clients)) == {"quick"}
    await clients.close()


async def test_an_entry_of_another_version_is_passed_over(
    lanes: Callable[[], RedisLane], redis_server: RedisServer
) -> None:
    worker = lanes()
    with redis_server.client() as client:
        client.xadd("reelhook:0:jobs:quick", {"other": "x"})
        client.xadd("reelhook:0:jobs:quick", {"job": "known"})
    assert await told(worker) == {"known"}
