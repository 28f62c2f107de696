"""Two web processes and two workers on one Postgres and one Redis."""

import asyncio
import itertools
from typing import Any

import httpx2 as httpx

from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.processes import Service, sse, wait_until

__all__ = ["installation", "postgres", "redis_server"]

numbers = itertools.count(1)


def failure() -> dict[str, Any]:
    return {
        "event_type": "avatar_video.fail",
        "event_data": {"video_id": f"hg-{next(numbers)}", "msg": "No such voice"},
    }


async def test_what_one_server_takes_a_browser_sees_on_the_other(installation: Installation) -> None:
    one, two = installation.service(), installation.service()
    for each in (one, two):
        each.start(arguments=("--no-worker",))
    installation.worker(one).start()
    with one.client() as client:
        key = client.headers["Authorization"]
        head = client.get("/api/v1/videos").json()["stream_id"]
    async with watching(two, key, head) as frames:
        assert one.post(failure()).status_code == 200
        async with asyncio.timeout(20):
            frame = await anext(frames)
    assert frame["event"] == "video.updated"
    assert one.post(failure()).json()["duplicate"] is False
    with two.client() as client:
        wait_until(lambda: len(client.get("/api/v1/videos").json()["data"]) == 2, what="both are applied")


class watching:  # noqa: N801 - used like a function
    def __init__(self, service: Service, key: str, last_id: int) -> None:
        self._client = httpx.AsyncClient(base_url=service.base, headers={"Authorization": key}, timeout=30)
        self._stream = self._client.stream("GET", "/api/v1/stream", params={"last_event_id": last_id})

    async def __aenter__(self) -> Any:
        return sse(await self._stream.__aenter__())

    async def __aexit__(self, *_: object) -> None:
        await self._stream.__aexit__(None, None, None)
        await self._client.aclose()
