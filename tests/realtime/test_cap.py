"""At most so many streams for each person: in one process, and in an installation of several on one Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import pytest
import redis

from reelhook.auth.principal import local_admin, of_key, of_person, of_token
from reelhook.kit.bus import Bus, LocalBus
from reelhook.kit.clock import SystemClock
from reelhook.kit.redis import RedisBus
from reelhook.realtime import redis_cap
from reelhook.realtime.cap import SUPERSEDED, MemoryCap, StreamCap, number_here, owner, stream_name
from reelhook.realtime.redis_cap import RedisCap
from tests.conftest import START, eventually
from tests.kit.buses import Processes, processes
from tests.redis_server import RedisServer, redis_server

__all__ = ["processes", "redis_server"]

MOST = 3


class Server:
    """One process with its cap. It closes what gives way, as the hub does."""

    def __init__(self, bus: Bus, cap: StreamCap) -> None:
        self.bus, self.cap = bus, cap
        self.open: dict[int, str] = {}
        self.superseded: list[int] = []
        bus.listen(SUPERSEDED, self._supersede)
        self.task = asyncio.create_task(cap.run())

    def opens(self, number: int, owner: str = "ada") -> None:
        self.open[number] = owner
        self.cap.opened(owner, number)

    def closes(self, number: int) -> None:
        self.cap.closed(self.open.pop(number), number)

    def _supersede(self, name: str) -> None:
        number = number_here(name, self.bus.me)
        if number in self.open:
            self.superseded.append(number)
            # As in a service, where the request ends a little later.
            asyncio.get_running_loop().call_soon(self.closes, number)


Make = Callable[[], Server]


@pytest.fixture
async def server(processes: Processes) -> AsyncIterator[Make]:
    made: list[Server] = []

    def make() -> Server:
        process = processes.add()
        made.append(Server(process.bus, RedisCap(process.clients, process.bus, SystemClock(), MOST)))
        return made[-1]

    yield make
    for each in made:
        each.task.cancel()
    await asyncio.gather(*(each.task for each in made), return_exceptions=True)


@pytest.fixture(params=["memory", "redis"])
async def alone(request: pytest.FixtureRequest, server: Make) -> Server:
    if request.param == "redis":
        return server()
    bus = LocalBus()
    return Server(bus, MemoryCap(bus, SystemClock(), MOST))


async def test_the_oldest_gives_way_at_once(alone: Server) -> None:
    for number in range(1, 6):
        alone.opens(number)
    assert alone.superseded == [1, 2]


async def test_each_owner_has_as_many(alone: Server) -> None:
    for number in range(1, 7):
        alone.opens(number, "ada" if number % 2 else "grace")
    assert alone.superseded == []


async def test_what_was_closed_does_not_count(alone: Server) -> None:
    for number in range(1, 4):
        alone.opens(number)
    alone.closes(1)
    alone.opens(4)
    assert alone.superseded == []
    alone.opens(5)
    assert alone.superseded == [2]


async def test_the_oldest_anywhere_gives_way(server: Make, redis_server: RedisServer) -> None:
    one, two, three = server(), server(), server()
    for number, each in enumerate((one, two, one)):
        each.opens(number)
        await counted(redis_server, number + 1)
    three.opens(1, "grace")
    three.opens(7)
    await eventually(lambda: one.superseded == [0])
    await counted(redis_server, MOST)
    three.opens(8)
    await eventually(lambda: two.superseded == [1])
    await counted(redis_server, MOST)
    assert (one.superseded, three.superseded) == ([0], [])
    one.closes(2)
    await counted(redis_server, MOST - 1)


async def test_who_comes_back_from_a_dead_server_is_not_thrown_out_for_its_ghosts(
    server: Make, processes: Processes, redis_server: RedisServer
) -> None:
    one, dead = server(), server()
    one.opens(1)
    await counted(redis_server, 1)
    dead.opens(1)
    dead.opens(2)
    await counted(redis_server, 3)
    dead.task.cancel()
    await processes.all[1].end()  # it has closed nothing
    one.opens(2)
    one.opens(3)
    with redis_server.client() as client:
        await eventually(lambda: names(client) == [stream_name(one.bus.me, number) for number in (1, 2, 3)])
    assert one.superseded == []


async def test_what_redis_forgot_is_told_again(
    server: Make, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_cap, "LOOK_S", 0.05)
    one, two = server(), server()
    for number in (1, 2):
        one.opens(number)
        await counted(redis_server, number)
    with redis_server.client() as client:
        client.flushall()
    await counted(redis_server, 2)
    two.opens(1)
    two.opens(2)
    await eventually(lambda: one.superseded == [1])


async def test_without_redis_each_process_has_a_cap_of_its_own_until_it_is_back(
    server: Make, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(redis_cap, "log", SimpleNamespace(warning=lambda event, **_: said.append(event)))
    monkeypatch.setattr(redis_cap, "AGAIN_S", 0.05)
    one, two = server(), server()
    redis_server.stop()
    for each in (one, two):
        for number in range(1, 5):
            each.opens(number)
        assert each.superseded == [1]
    await eventually(lambda: said == ["stream_cap.alone"] * 2, within_s=30)
    redis_server.start()
    await counted(redis_server, MOST)
    await eventually(lambda: len(one.superseded) + len(two.superseded) == 5, within_s=30)


async def test_what_broke_off_while_it_was_told_is_told_again(
    server: Make, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_cap, "AGAIN_S", 0.01)
    one = server()
    one.opens(1)
    one.opens(2)
    await counted(redis_server, 2)
    tells, tries = one.cap._level, 0  # type: ignore[attr-defined]

    async def breaks_off_twice(stale: dict[str, set[str]]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionError("in the middle of it")
        await tells(stale)

    monkeypatch.setattr(one.cap, "_level", breaks_off_twice)
    one.closes(1)
    await counted(redis_server, 1)
    assert tries == 3


async def test_an_order_to_give_way_that_was_lost_is_given_again(
    server: Make, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = server(), server()
    for number in (1, 2, 3):
        one.opens(number)
    await counted(redis_server, 3)
    with monkeypatch.context() as broken:

        async def refuse(*_: object) -> None:
            raise ConnectionResetError

        broken.setattr(RedisBus, "_publish", refuse)
        two.opens(1)
        await eventually(lambda: two.bus._lost > 0)  # type: ignore[attr-defined]
        assert one.superseded == []
    await eventually(lambda: one.superseded == [1])


def test_for_whom_streams_are_counted() -> None:
    assert owner(of_person("ada", "ada@example.com", "admin")) == "person:ada"
    assert owner(of_token("ada", None, START)) == "token:ada"
    assert owner(of_key("ada", "backend", "viewer", None)) is None
    assert owner(local_admin()) is None


def test_names_of_streams() -> None:
    assert number_here(stream_name("here", 7), "here") == 7
    for other in ("", "7", "there/7", "here/", "here/x", "here/-1"):
        assert number_here(other, "here") is None


def names(client: redis.Redis) -> list[str]:
    """Ada's streams as the server knows them, oldest first."""
    return [name.decode() for name in client.zrange("reelhook:0:streams:ada", 0, -1)]


async def counted(redis_server: RedisServer, many: int) -> None:
    """Wait until so many streams of Ada are known to the server."""
    with redis_server.client() as client:

        def known() -> bool:
            try:
                return client.zcard("reelhook:0:streams:ada") == many
            except redis.RedisError:
                return False

        await eventually(known, within_s=30)
