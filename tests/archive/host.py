"""A host of files on loopback that can be told, answer by answer, what to do wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from reelhook.simulators.clips import MediaFile

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def film(size: int | None = None, seed: str = "one") -> bytes:
    """A real MP4, padded to *size*."""
    file = MediaFile("tour.mp4", seed, size)
    return file.read(0, file.length)


def clip(name: str) -> bytes:
    """A file of the simulators, e.g. `tour.jpg`."""
    file = MediaFile(name)
    return file.read(0, file.length)


def whole(
    data: bytes,
    *,
    etag: str | None = '"one"',
    ranges: bool = True,
    most: int | None = None,
    headers: dict[str, str] | None = None,
    chunked: bool = False,
) -> Answer:
    """*data*, or the range of it that is asked for; *most*: the line goes dead after so many bytes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        start = _start(request, etag) if ranges else 0
        response = web.StreamResponse(status=206 if start else 200, headers=headers)
        if etag:
            response.headers["ETag"] = etag
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = len(data) - start
        return await _send(request, response, data[start:], most)

    return answer


def _start(request: web.Request, etag: str | None) -> int:
    if request.headers.get("If-Range", etag) != etag or "Range" not in request.headers:
        return 0
    return int(request.headers["Range"].removeprefix("bytes=").rstrip("-"))


async def _send(
    request: web.Request, response: web.StreamResponse, body: bytes, most: int | None
) -> web.StreamResponse:
    await response.prepare(request)
    for at in range(0, len(body), 65536):
        piece = body[at : at + 65536] if most is None else body[at : min(at + 65536, most)]
        await response.write(piece)
        if most is not None and at + 65536 >= most:
            await asyncio.sleep(0)
            assert request.transport is not None
            request.transport.close()
            return response
    await response.write_eof()
    return response


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


def partial(content_range: str, body: bytes, etag: str | None = '"one"') -> Answer:
    """A 206 that says what it likes."""
    return status(206, body, Content_Range=content_range, **({"ETag": etag} if etag else {}))


@dataclass
class Host:
    """*answers*: path to what comes, one after the other; the last one stays."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)
    address: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def put(self, path: str, *answers: Answer) -> str:
        """What comes at *path*; returns its link, signed like CloudFront's."""
        self.answers[path] = list(answers)
        return f"{self.url}{path}?Expires=1&Signature=SECRET~abc&Key-Pair-Id=KPI"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answers = self.answers.get(request.path, [status(404)])
        return await (answers.pop(0) if len(answers) > 1 else answers[0])(request)

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)


@asynccontextmanager
async def running_host() -> AsyncIterator[Host]:
    """On a free port of loopback, while the block lasts."""
    host, app = Host(), web.Application()
    app.router.add_route("*", "/{path:.*}", host.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.address = f"127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
