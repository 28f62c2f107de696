"""A receiver that remembers what it was sent, and clients for both simulators."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import cloudinary.api
import cloudinary.uploader
import pytest
from aiohttp import web

LIMIT_S = 30.0


async def until(condition: Callable[[], bool], what: str = "the condition") -> None:
    """Wait for *condition*, but not for ever."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"{what} did not come true in {LIMIT_S:g} s")


@dataclass
class Deaf:
    """A server that takes every connection and says nothing."""

    url: str = ""
    connections: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await reader.read()
        writer.close()


@asynccontextmanager
async def deaf() -> AsyncIterator[Deaf]:
    """A Deaf server, running."""
    server = Deaf()
    async with await asyncio.start_server(server.handle, "127.0.0.1", 0) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        yield server


@dataclass
class Receiver:
    """Answers posts with *statuses*, one after the other, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    options: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "OPTIONS":
            self.options += 1
            return web.Response()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append((headers, await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def received(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        await until(lambda: len(self.posts) >= count, f"post number {count}")
        return self.posts


@dataclass
class HeyGenApi:
    """A client that holds the key."""

    base: str
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.base + path, json=body, headers=named) as response:
            return response.status, await response.json()

    async def data(self, method: str, path: str, body: object = None) -> Any:
        status, answer = await self.call(method, path, body)
        assert status == 200, answer
        return answer["data"]

    async def control(self, method: str, path: str, body: object = None) -> Any:
        status, answer = await self.call(method, f"/_control{path}", body)
        assert status == 200, answer
        return answer

    async def plan(self, **fields: object) -> None:
        """What becomes of the next video."""
        await self.control("POST", "/plans", {"plans": [fields]})

    async def arm(self, kind: str, on: str = "media", **fields: object) -> None:
        """Arm one fault."""
        await self.control("POST", "/faults", {"on": on, "kind": kind, **fields})

    async def register(self, url: str, **fields: object) -> Any:
        """An endpoint for webhooks."""
        return await self.data("POST", "/v3/webhooks/endpoints", {"url": url, **fields})

    async def create(self, **fields: object) -> str:
        body = {"type": "avatar", "avatar_id": "a1", "script": "Hello"} | fields
        video_id: str = (await self.data("POST", "/v3/videos", body))["video_id"]
        return video_id

    async def finished(self, video_id: str) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while (video := await self.data("GET", f"/v3/videos/{video_id}"))["status"] in ("pending", "processing"):
                await asyncio.sleep(0.01)
        return video

    async def truth(self, video_id: str) -> Any:
        return next(each for each in (await self.control("GET", "/videos"))["videos"] if each["id"] == video_id)


class CloudinaryApi:
    """The real SDK, in a thread, and the control API."""

    def __init__(self, base: str, environment_url: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session
        parts = urlsplit(environment_url)
        self.key, self.secret, self.cloud = parts.username or "", parts.password or "", parts.hostname or ""

    @property
    def credentials(self) -> dict[str, str]:
        return {"api_key": self.key, "api_secret": self.secret, "cloud_name": self.cloud, "upload_prefix": self.base}

    async def sdk(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function of the SDK; *options* go over the credentials."""
        return await asyncio.to_thread(call, *args, **{**self.credentials, "timeout": LIMIT_S, **options})

    async def upload(self, film: bytes, **options: Any) -> Any:
        """The SDK's own upload of a video."""
        return await self.sdk(cloudinary.uploader.upload, film, **{"resource_type": "video", **options})

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, f"{self.base}/_control{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def arm(self, kind: str, on: str = "upload", **fields: object) -> None:
        """Arm one fault."""
        await self.control("POST", "/faults", {"on": on, "kind": kind, **fields})

    async def assets(self) -> dict[str, Any]:
        """What is really stored, by public id."""
        return {each["public_id"]: each for each in (await self.control("GET", "/assets"))["assets"]}
