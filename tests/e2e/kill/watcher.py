"""A viewer: follows the live stream, comes back with Last-Event-ID whenever it ends, and remembers all it was shown."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import orjson

from tests.e2e.kill.scene import Scene

SILENCE_LIMIT_S = 30.0


@dataclass(frozen=True)
class Sight:
    """One update as it was shown. *state* is that of its video, None when it is about none."""

    id: int
    event: str
    digest: str
    video_id: str | None
    state: str | None


@dataclass
class Watcher:
    """Comes back *pause_s* after its stream has ended; it has seen nothing before. Without a *token* it sees all."""

    scene: Scene
    pause_s: float
    token: str = ""
    seen: list[Sight] = field(default_factory=list)
    last_id: int = 0
    connections: int = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._watch()
            await asyncio.sleep(self.pause_s)

    async def _watch(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, connect=5, sock_read=SILENCE_LIMIT_S)
        headers = self.scene.authorised | {"Last-Event-ID": str(self.last_id)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"{self.scene.base}/api/v1/stream"
        async with self.scene.session.get(url, headers=headers, timeout=timeout) as response:
            if response.status != 200:
                return
            self.connections += 1
            frame: dict[str, str] = {}
            async for line in response.content:
                name, _, value = line.decode().rstrip("\n").partition(":")
                if name:
                    frame[name] = value.removeprefix(" ")
                elif line == b"\n" and frame:
                    self._take(frame)
                    frame = {}

    def _take(self, frame: dict[str, str]) -> None:
        """As a browser does: any id moves the Last-Event-ID, and a frame without data is no event."""
        if "id" in frame:
            self.last_id = int(frame["id"])
        if "id" in frame and "data" in frame:
            self.seen.append(sight(self.last_id, frame["event"], frame["data"]))


def sight(number: int, event: str, data: str) -> Sight:
    video = orjson.loads(data).get("video") or {}
    return Sight(number, event, hashlib.sha256(data.encode()).hexdigest(), video.get("id"), video.get("state"))
