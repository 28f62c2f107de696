"""P5 and P6 on several real servers: streams that move between them, a person's cap, and access that ends."""

import asyncio
import json
from typing import Any

import httpx2 as httpx
import psycopg
import pytest

from tests.e2e.many import Installation, failure, installation, postgres, redis_server, watching
from tests.processes import Service
from tests.redis_server import RedisServer

__all__ = ["installation", "postgres", "redis_server"]

LIMIT_S = 60
PARTS, AT_ONCE = 12, 6


async def test_clients_that_move_between_servers_see_every_update_once_and_in_order(
    installation: Installation, redis_server: RedisServer
) -> None:
    one, two = await started(installation)
    installation.worker(one).start()
    with one.client() as client:
        key, head = client.headers["Authorization"], client.get("/api/v1/videos").json()["stream_id"]
    all_there: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
    moving = [asyncio.create_task(move((one, two), key, head, start, all_there)) for start in range(4)]
    for part in range(PARTS):
        posts = (asyncio.to_thread(each.post, failure()) for each in (one, two) for _ in range(AT_ONCE // 2))
        assert {answer.status_code for answer in await asyncio.gather(*posts)} == {200}
        if part == PARTS // 3:
            redis_server.stop()
        if part == 2 * PARTS // 3:
            await asyncio.to_thread(redis_server.start)
    url = str(installation.settings["database_url"])
    async with asyncio.timeout(LIMIT_S):
        while await asyncio.to_thread(count_of_failed, url) < PARTS * AT_ONCE:
            await asyncio.sleep(0.05)
        all_there.set_result(await asyncio.to_thread(updates, url, head))
        assert await asyncio.gather(*moving) == [all_there.result()] * 4
    assert [each.process.poll() for each in installation.services if each.process] == [None, None]


async def move(
    services: tuple[Service, Service], key: str, head: int, start: int, all_there: asyncio.Future[list[int]]
) -> list[int]:
    """Read a few updates at one server, go to the other with the id of the last, and so on until all are there."""
    seen: list[int] = []
    turn = start
    while not all_there.done() or len(seen) < len(all_there.result()):
        turn += 1
        async with watching(services[turn % 2], key, seen[-1] if seen else head) as frames:
            for _ in range(2 + turn % 5):
                if (frame := await next_or_none(frames)) is None:
                    break
                assert frame["event"] == "video.updated", frame
                seen.append(int(frame["id"]))
    return seen


async def test_a_person_and_an_access_are_the_same_on_every_server(installation: Installation) -> None:
    one, two = await started(installation, streams_per_person=2)
    made = json.loads(one.command("keys", "create", "shop", "--role", "operator", "--json").stdout)
    with httpx.Client(base_url=one.base, headers={"Authorization": f"Bearer {made['key']}"}, timeout=15) as client:
        given = client.post("/api/v1/stream-tokens", json={"subject": "user 7"}).raise_for_status().json()
    user, shop = f"Bearer {given['token']}", f"Bearer {made['key']}"
    async with (
        asyncio.timeout(LIMIT_S),
        watching(one, user) as oldest,
        watching(two, user) as second,
        watching(two, user) as third,
        watching(one, shop) as of_the_key,
    ):
        frame = await anext(oldest)
        assert (frame["event"], frame["retry"]) == ("superseded", "86400000")
        assert [frame async for frame in oldest] == []
        # A command is a process of its own, which ends as soon as it has done its work.
        assert (await asyncio.to_thread(one.command, "keys", "revoke", made["id"])).returncode == 0
        for frames in (second, third, of_the_key):
            frame = await anext(frames)
            assert (frame["event"], int(frame["retry"]) >= 3000) == ("bye", True)
            assert "access" in frame["data"]
    for service in (one, two):
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            async with watching(service, user):
                pass


async def started(installation: Installation, **settings: object) -> tuple[Service, Service]:
    """Two web processes that do no work, up at the same time."""
    one, two = installation.service(**settings), installation.service(**settings)
    await asyncio.gather(*(asyncio.to_thread(each.start, arguments=("--no-worker",)) for each in (one, two)))
    return one, two


async def next_or_none(frames: Any) -> dict[str, str] | None:
    """The next frame; None when there is none for a while."""
    try:
        async with asyncio.timeout(2):
            return dict(await anext(frames))
    except (TimeoutError, StopAsyncIteration):
        return None


def count_of_failed(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM videos WHERE state = 'failed'").fetchone()
        return int(row[0]) if row else 0


def updates(url: str, head: int) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM stream WHERE id > %s ORDER BY id", (head,))]
