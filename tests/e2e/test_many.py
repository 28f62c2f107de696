"""Two web processes and two workers on one Postgres and one Redis."""

import asyncio

from tests.e2e.many import Installation, failure, installation, postgres, redis_server, watching
from tests.processes import wait_until

__all__ = ["installation", "postgres", "redis_server"]


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
