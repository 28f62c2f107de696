"""Redis is flushed, killed, frozen and replaced while there is work: nothing is lost, and nobody helps."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from reelhook.db import Database
from reelhook.jobs import leader, queue
from reelhook.jobs import worker as workers
from reelhook.jobs.lanes import Due, Room
from reelhook.jobs.lanes import redis as redis_lane
from tests.conftest import eventually
from tests.jobs.many import Many
from tests.redis_server import RedisServer, redis_server, valkey_binary
from tests.servers import TEMPLATE, Postgres

__all__ = ["redis_server"]


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    """Where there is Redis there is Postgres."""
    return postgres.create(TEMPLATE)


@pytest.fixture
async def many(db: Database) -> AsyncIterator[Many]:
    one = Many(db)
    yield one
    await one.close()


@pytest.fixture(autouse=True)
def patient(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the table are as rare as in earnest."""
    monkeypatch.setattr(workers, "POLL_S", 1.0)


def away() -> float:
    return REGISTRY.get_sample_value("reelhook_lane_away") or 0


def found(how: str) -> float:
    return REGISTRY.get_sample_value("reelhook_job_wait_seconds_count", {"found": how}) or 0


async def handed_out_again(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane works: once the last look at the table that was planned is over, what is added is found by its id."""
    monkeypatch.setattr(workers, "POLL_S", 60)

    async def by_id() -> bool:
        before = found("sent")
        await many.add(1)
        await many.all_done()
        return found("sent") > before

    await eventually(by_id, what="a job is found by its id")


async def test_work_goes_on_when_all_is_flushed(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many.workers(*[await many.lane(redis_server.url) for _ in range(2)])
    with redis_server.client() as client:
        for _ in range(20):
            await many.add(10)
            client.flushall()
        await many.all_done()
    assert min(many.by.values()) > 0
    await handed_out_again(many, monkeypatch)


async def test_work_goes_on_when_the_server_is_killed_and_started_again(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many.workers(*[await many.lane(redis_server.url) for _ in range(2)])
    await many.add(50)
    redis_server.stop(signal.SIGKILL)
    await many.add(50)
    await many.all_done()
    assert away() == 1
    redis_server.start()
    await many.add(50)
    await many.all_done()
    await handed_out_again(many, monkeypatch)
    assert away() == 0


async def test_work_goes_on_when_the_server_does_not_answer(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many.workers(*[await many.lane(redis_server.url) for _ in range(2)])
    await many.add(50)
    redis_server.freeze()
    try:
        for _ in range(5):
            await many.add(20)
        await many.all_done()
        assert away() == 1
    finally:
        redis_server.thaw()
    await handed_out_again(many, monkeypatch)
    assert away() == 0


class Address:
    """An address that leads to one server or another. Connections stay where they are, as behind a name or a proxy."""

    def __init__(self, port: int) -> None:
        self.target = port
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        yield f"redis://127.0.0.1:{listener.sockets[0].getsockname()[1]}/0"
        listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_in, far_out = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            await asyncio.wait(
                [asyncio.create_task(_pass(near_in, far_out)), asyncio.create_task(_pass(far_in, near_out))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            near_out.close()
            far_out.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def test_work_goes_on_when_a_replica_takes_over(
    many: Many, redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old server lives on, read-only: whoever is still connected to it has to notice."""
    binary = valkey_binary()
    assert binary is not None
    (tmp_path / "replica").mkdir()
    replica = RedisServer(binary, tmp_path / "replica", "--replicaof", "127.0.0.1", str(redis_server.port)).start()
    address = Address(redis_server.port)
    try:
        async with address.open() as url:
            await many.workers(*[await many.lane(url) for _ in range(2)])
            await many.add(50)
            with redis_server.client() as old, replica.client() as new:
                new.replicaof("NO", "ONE")
                old.replicaof("127.0.0.1", str(replica.port))
                await many.add(50)
                address.target = replica.port
            await many.add(50)
            await many.all_done()
            await handed_out_again(many, monkeypatch)
            await many.close()
    finally:
        replica.stop()


async def test_no_job_runs_twice_though_every_id_is_given_to_all(many: Many) -> None:
    lanes = [Generous() for _ in range(3)]
    for lane in lanes[1:]:
        many.db.on_commit(queue.SIGNAL, lane.send)
    await many.workers(*lanes)
    for _ in range(10):
        await many.add(20)
    await many.all_done()
    assert min(many.by.values()) > 0


class Generous:
    """Gives every id, and twice."""

    forgetful = False

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._event = asyncio.Event()

    def send(self, due: Sequence[Due]) -> None:
        self._ids += [each.job_id for each in due for _ in range(2)]
        self._event.set()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, room: Room, limit_s: float) -> Sequence[str] | None:
        try:
            await asyncio.wait_for(self._event.wait(), limit_s)
        except TimeoutError:
            return ()
        given, self._ids = self._ids[: room.jobs], self._ids[room.jobs :]
        if not self._ids:
            self._event.clear()
        return given

    async def run(self) -> None:
        """Nothing to carry."""


async def test_what_got_lost_is_sent_again_by_the_leader(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here no worker ever looks at the table by itself."""
    monkeypatch.setattr(workers, "POLL_S", 3600)
    monkeypatch.setattr(leader, "TURN_S", 0.1)
    await many.workers(await many.lane(redis_server.url))
    await many.add(1)
    await many.all_done()
    many.db._listeners[queue.SIGNAL].clear()
    before = found("sent")
    await many.add(5)
    await many.all_done()
    assert found("sent") - before == 5


async def test_a_wait_ends_though_the_server_does_not_answer(many: Many, redis_server: RedisServer) -> None:
    lane = await many.lane(redis_server.url)
    await lane.wait(Room(1, 1), 0)
    redis_server.freeze()
    try:
        assert not await asyncio.wait_for(lane.wait(Room(1, 1), 0.1), 20)
        assert away() == 1
    finally:
        redis_server.thaw()


async def test_what_no_lane_knows_of_is_worked_off_without_a_pause(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a flush: one look at the table finds more than there is room for, so that the next follows at once."""
    monkeypatch.setattr(workers, "POLL_S", 60)
    monkeypatch.setattr(leader, "TOO_LONG", timedelta(hours=1))
    await many.add(40)
    await many.workers(await many.lane(redis_server.url))
    await many.all_done()


async def test_what_cannot_be_sent_is_dropped_and_our_own_worker_looks_at_once(
    many: Many, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_lane, "MOST_WAITING", 3)
    redis_server.stop()
    lane = await many.lane(redis_server.url)
    lane.send([Due(str(number), False) for number in range(5)])
    assert await lane.wait(Room(1, 1), 5) is None
    await eventually(lambda: not lane._waiting)
    assert await lane.wait(Room(1, 1), 5) is None
    assert await lane.wait(Room(1, 1), 0.01) == ()
