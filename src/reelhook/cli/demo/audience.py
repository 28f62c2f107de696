"""A real SSE client: what a browser in the audience sees, and when."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson


@dataclass
class Sighting:
    """A video was seen in a new state at a moment (Unix seconds)."""

    state: str
    at: float
    video: dict[str, Any]


@dataclass
class Audience:
    """Watches the stream. `changed` is set at each new sighting."""

    session: aiohttp.ClientSession
    base: str
    api_key: str
    seen: dict[str, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    ids: list[int] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    seated: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Follow the stream until cancelled."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Accept": "text/event-stream"}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
        async with self.session.get(f"{self.base}/api/v1/stream", headers=headers, timeout=timeout) as response:
            response.raise_for_status()
            frame: dict[str, str] = {}
            async for line in response.content:
                self.seated.set()
                name, _, value = line.decode().rstrip("\n").partition(":")
                if name:
                    frame[name] = value.removeprefix(" ")
                elif not line.strip():
                    self._take(frame)
                    frame = {}

    def _take(self, frame: dict[str, str]) -> None:
        if frame.get("event") != "video.updated":
            return
        self.ids.append(int(frame["id"]))
        video = orjson.loads(frame["data"])["video"]
        earlier = self.seen[video["id"]]
        if not earlier or earlier[-1].state != video["state"]:
            earlier.append(Sighting(video["state"], time.time(), video))
            self.changed.set()

    def state(self, video_id: str) -> str | None:
        """The newest state of a video, None before it was seen."""
        return self.seen[video_id][-1].state if self.seen[video_id] else None

    async def until(self, ends: dict[str, str], limit_s: float) -> None:
        """Wait until each video is in the state in which it must end. Raises *TimeoutError*."""
        async with asyncio.timeout(limit_s):
            while any(self.state(video_id) != end for video_id, end in ends.items()):
                self.changed.clear()
                await self.changed.wait()
