"""A bucket on this machine: rclone's S3 server, which checks signatures, and one in front of it that errs to order.

What rclone does otherwise than Amazon: it answers a range with 200 instead of 206 (the bytes are those of the range).
"""

import asyncio
import os
import re
import subprocess
import sysconfig
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import aiohttp
import obstore
from aiohttp import web
from obstore.store import S3Store
from yarl import URL

from tests.processes import free_port

NAME = "films"
KEY_ID, KEY = "AKIDOFATEST", "a-secret-of-a-bucket"
START_LIMIT_S = 30.0
RCLONE = Path(sysconfig.get_path("scripts")) / "rclone"


@dataclass
class S3:
    """One server. *root* has a folder for each bucket; what a store with *prefix* keeps is in `kept`."""

    root: Path
    prefix: str = "kept/here"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def kept(self) -> Path:
        return self.root / NAME / self.prefix

    def settings(self) -> dict[str, object]:
        """What a service needs to know to use it."""
        return {
            "stores": f"s3://{NAME}/{self.prefix}",
            "s3_endpoint": self.url,
            "s3_access_key_id": KEY_ID,
            "s3_secret_access_key": KEY,
        }

    def delete(self, path: Path) -> None:
        """As somebody else with the key may; rclone would not see that the file itself is gone."""
        options = {"allow_http": True}
        theirs = S3Store(NAME, endpoint=self.url, access_key_id=KEY_ID, secret_access_key=KEY, client_options=options)
        obstore.delete(theirs, str(path.relative_to(self.root / NAME)))

    def start(self) -> None:
        words = [RCLONE, "serve", "s3", "--config", os.devnull]
        words += ["--addr", f"127.0.0.1:{self.port}", "--auth-key", f"{KEY_ID},{KEY}", self.root]
        log = self.root.parent / "rclone.log"
        with log.open("wb") as said:
            self.process = subprocess.Popen(words, stdout=said, stderr=said)
        until = time.monotonic() + START_LIMIT_S
        while not re.search(rb"Starting s3 server", log.read_bytes()):
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(START_LIMIT_S)


@contextmanager
def s3_server(folder: Path) -> Iterator[S3]:
    """Running inside this block, with an empty bucket."""
    root = folder / "buckets"
    (root / NAME).mkdir(parents=True)
    server = S3(root)
    server.start()
    try:
        yield server
    finally:
        server.stop()


Err = Callable[[web.Request], "web.StreamResponse | None"]


@dataclass
class Front:
    """Passes everything on to *behind* and notes it in *seen*, unless *err* answers; *alter* may change an answer."""

    behind: str
    url: str = ""
    seen: list[str] = field(default_factory=list)
    err: Err = lambda _: None
    alter: Callable[[web.Request, web.Response], None] = lambda _, __: None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path_qs}")
        body = await request.read()
        if (wrong := self.err(request)) is not None:
            return wrong
        headers = [(name, value) for name, value in request.headers.items() if name.lower() != "transfer-encoding"]
        url = URL(self.behind + request.raw_path, encoded=True)
        auto = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
        async with (
            aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=auto) as session,
            session.request(request.method, url, data=BytesIO(body) if body else None, headers=headers) as answer,
        ):
            status = 206 if "content-range" in answer.headers else answer.status
            said = web.Response(status=status, body=await answer.read())
            hop = ("transfer-encoding", "content-length", "connection", "date")
            said.headers.update({name: value for name, value in answer.headers.items() if name.lower() not in hop})
        self.alter(request, said)
        return said


@contextmanager
def front_in_thread(behind: str) -> Iterator[Front]:
    """The same for a test that is not asynchronous."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="s3-front")
    thread.start()
    opened = front(behind)
    try:
        yield asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(START_LIMIT_S)
    finally:
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(START_LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_LIMIT_S)
        loop.close()


@asynccontextmanager
async def front(behind: str) -> AsyncIterator[Front]:
    made = Front(behind)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
