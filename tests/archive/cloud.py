"""Cloudinary's simulator, told to misbehave, and ways to store something in it."""

from typing import Any

import aiohttp
import pytest

from reelhook.archive import Fetcher
from reelhook.archive.stores import Stored
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.errors import ReelhookError
from tests.archive.memory import VIDEO_ID, Memory

NAME = f"reelhook/{VIDEO_ID}/video"


class Cloud:
    """The simulator's control API."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, f"{self.base}/_control{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def arm(self, kind: str, on: str = "upload", **fields: object) -> None:
        await self.control("POST", "/faults", {"on": on, "kind": kind, **fields})

    async def struck(self) -> list[int]:
        return [fault["struck"] for fault in (await self.control("GET", "/faults"))["faults"]]

    async def assets(self) -> dict[str, Any]:
        return {each["public_id"]: each for each in (await self.control("GET", "/assets"))["assets"]}

    async def get(self, url: str) -> bytes:
        async with self.session.get(url) as response:
            assert response.status == 200
            return await response.read()


async def keep(
    fetcher: Fetcher, store: CloudinaryStore, url: str, memory: Memory | None = None, role: str = "video"
) -> Stored:
    async with fetcher.open(url, role) as download:
        return await store.put((memory or Memory()).asset(role), download)


async def refused(fetcher: Fetcher, store: CloudinaryStore, url: str, memory: Memory | None = None) -> ReelhookError:
    with pytest.raises(ReelhookError) as caught:
        await keep(fetcher, store, url, memory)
    return caught.value
