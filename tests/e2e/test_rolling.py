"""A rolling deploy: one server after the other is replaced, and nobody outside notices."""

import asyncio
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from reelhook.events import sign
from tests.conftest import eventually
from tests.e2e.balancer import Balancer, balancing
from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.processes import SECRET, Service, sse

__all__ = ["installation", "postgres", "redis_server"]

DRAIN_S = 1.0


@dataclass
class Sender:
    """HeyGen, if it never tried again: a webhook every few milliseconds, each on a connection of its own."""

    base: str
    statuses: list[int | str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def run(self) -> None:
        for number in itertools.count(1):
            self.sent.append(f"hg-{number}")
            data = {"video_id": self.sent[-1], "msg": "No such voice"}
            body = json.dumps({"event_type": "avatar_video.fail", "event_data": data}).encode()
            try:
                async with httpx.AsyncClient(timeout=10) as client:
                    headers = {"signature": sign(body, SECRET)}
                    answer = await client.post(f"{self.base}/webhooks/heygen", content=body, headers=headers)
                self.statuses.append(answer.status_code)
            except httpx.TransportError as error:
                self.statuses.append(repr(error))
            await asyncio.sleep(0.02)


@dataclass
class Watcher:
    """A browser that comes back with the id of the last update it saw."""

    base: str
    key: str
    last_id: int
    seen: list[str] = field(default_factory=list)
    byes: list[int] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            with suppress(httpx.TransportError):
                await self._watch()
            await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        headers = {"Authorization": self.key, "Last-Event-ID": str(self.last_id)}
        async with (
            httpx.AsyncClient(timeout=30) as client,
            client.stream("GET", f"{self.base}/api/v1/stream", headers=headers) as response,
        ):
            async for frame in sse(response):
                self._take(frame)

    def _take(self, frame: dict[str, Any]) -> None:
        if frame.get("event") == "bye":
            self.byes.append(int(frame["retry"]))
        elif frame.get("event") == "video.updated":
            video = json.loads(frame["data"])["video"]
            if video["state"] == "failed":
                self.seen.append(video["heygen_video_id"])
            self.last_id = int(frame["id"])


async def replace(service: Service, balancer: Balancer, watcher: Watcher, sender: Sender) -> None:
    """Stop it, start it again, and wait until it takes part."""
    assert await asyncio.to_thread(service.stop) == -15
    await asyncio.to_thread(service.start)
    enough, seen = len(sender.sent) + 20, len(watcher.seen)
    await eventually(lambda: len(balancer.ready) == 2, what="both are ready")
    await eventually(lambda: len(sender.sent) > enough and len(watcher.seen) > seen, what="all goes on")


async def test_two_servers_are_replaced_in_turn_and_nothing_is_refused_lost_or_repeated(
    installation: Installation,
) -> None:
    services = [installation.service(drain_s=DRAIN_S) for _ in range(2)]
    for service in services:
        await asyncio.to_thread(service.start)
    with services[0].client() as client:
        key, head = client.headers["Authorization"], client.get("/api/v1/videos").json()["stream_id"]
    async with balancing(*(service.port for service in services)) as balancer:
        base = f"http://127.0.0.1:{balancer.port}"
        await eventually(lambda: len(balancer.ready) == 2)
        sender, watcher = Sender(base), Watcher(base, key, head)
        watching, sending = asyncio.create_task(watcher.run()), asyncio.create_task(sender.run())
        await eventually(lambda: len(watcher.seen) > 5, what="updates come")
        for service in services:
            await replace(service, balancer, watcher, sender)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        acknowledged = sender.sent[: len(sender.statuses)]
        await eventually(lambda: set(acknowledged) <= set(watcher.seen), what="every event reaches the browser")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert set(sender.statuses) == {200}
    assert balancer.refused == 0
    assert len(watcher.seen) == len(set(watcher.seen)), "each update once"
    assert watcher.byes, "it was told to come back"
    assert all(500 <= retry <= 3000 for retry in watcher.byes)
    assert ["Traceback" in service.log for service in services] == [False, False]
