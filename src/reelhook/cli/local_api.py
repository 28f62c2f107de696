"""The service's own API for commands, over its Unix socket, or, for the few that take its address, from afar.

While a server runs, it owns the database, so commands ask it. Without one, the command takes the lock and serves the
same API to itself for a moment: one way in, one set of checks, one audit log.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from reelhook import logs, settings
from reelhook.cli.locking import lock
from reelhook.db.ownership import AlreadyOwned, socket_path
from reelhook.errors import ReelhookError, Unavailable
from reelhook.settings import Settings

T = TypeVar("T")

LIMIT_S = 30.0


class Refused(ReelhookError):
    """The API's own words."""

    code = "refused"


class Api:
    """Calls of the API. At the Unix socket it is the person at the machine who asks, who may do everything."""

    def __init__(self, session: aiohttp.ClientSession, base: str = "http://reelhook") -> None:
        self._session, self._base = session, base

    async def call(self, method: str, path: str, body: Any = None, *, limit_s: float | None = LIMIT_S) -> Any:
        """The answer's JSON, None when it has none. Raises *Refused* with what the API said, or
        *Unavailable* when it could not do it."""
        timeout = aiohttp.ClientTimeout(total=limit_s)
        async with self._session.request(method, f"{self._base}{path}", json=body, timeout=timeout) as response:
            answer = await response.json(content_type=None) if response.status != 204 else None
        if response.status >= 400:
            said = answer.get("detail") if isinstance(answer, dict) else None
            words = said or f"{method} {path} was answered with {response.status}"
            raise Unavailable(words) if response.status >= 500 else Refused(words)
        return answer


def call(method: str, path: str, body: Any = None, *, limit_s: float | None = LIMIT_S) -> Any:
    """One call, for commands. No *limit_s*: as long as it takes."""
    return run(lambda api: api.call(method, path, body, limit_s=limit_s))


def run(work: Callable[[Api], Awaitable[T]]) -> T:
    """The same for a command that needs several."""

    async def once() -> T:
        async with connected(settings.load()) as api:
            return await work(api)

    quiet()
    return asyncio.run(once())


def quiet() -> None:
    """Log to stderr, and not each request of a command's own: the command itself says what came of it."""
    logs.configure("console", levels={"api": "warning"})


@asynccontextmanager
async def connected(config: Settings) -> AsyncIterator[Api]:
    """The API of the running server, or of one made for the occasion: only that one needs the whole service loaded."""
    try:
        held = lock(config)
    except AlreadyOwned:
        assert config.sqlite_path is not None
        async with client(socket_path(config.sqlite_path)) as api:
            yield api
        return
    try:
        async with import_module("reelhook.cli.own_server").serving(config) as path, client(path) as api:
            yield api
    finally:
        if held is not None:
            held.release()


@asynccontextmanager
async def client(path: Path) -> AsyncIterator[Api]:
    """The API of the server that listens at the Unix socket *path*. Raises *Unavailable*."""
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        with _told(f"the server that owns the database does not answer at {path}"):
            yield Api(session)


@asynccontextmanager
async def remote(url: str, key: str) -> AsyncIterator[Api]:
    """The API of the server at *url*, for whoever holds *key*. Raises *Unavailable*."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
        with _told(f"there is no answer from {url}"):
            yield Api(session, url.rstrip("/"))


@contextmanager
def _told(away: str) -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        raise Unavailable(f"{away}: {error}") from None
    except (aiohttp.ClientError, TimeoutError) as error:
        why = str(error) or "no answer in time"
        raise Unavailable(
            f"the server did not finish: {why}. What it did is not known; look, and run it again"
        ) from None
