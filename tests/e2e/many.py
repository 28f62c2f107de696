"""Several real processes of one installation: services and workers on one Postgres and one Redis."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import STOP_LIMIT_S, Service, WorkerProcess, sse
from tests.redis_server import RedisServer, redis_server
from tests.servers import TEMPLATE, Postgres, postgres

__all__ = ["Installation", "installation", "postgres", "redis_server"]

numbers = itertools.count(1)


@dataclass
class Installation:
    """Makes processes that share a database and a Redis. Whatever they do, they end with the test."""

    folder: Path
    settings: dict[str, object]
    services: list[Service] = field(default_factory=list)
    workers: list[WorkerProcess] = field(default_factory=list)

    def service(self, **settings: object) -> Service:
        """One more web process, which also works, unless it is started with `--no-worker`. Not started."""
        folder = self.folder / f"web-{len(self.services)}"
        folder.mkdir()
        self.services.append(Service(folder, self.settings | settings))
        return self.services[-1]

    def worker(self, beside: Service) -> WorkerProcess:
        """One more process that only works, with the settings of *beside*. Not started."""
        self.workers.append(WorkerProcess(beside))
        return self.workers[-1]

    def end(self) -> None:
        for each in (*self.services, *self.workers):
            if each.process is not None and each.process.poll() is None:
                each.process.kill()
                each.process.wait(STOP_LIMIT_S)


@pytest.fixture
def installation(tmp_path: Path, postgres: Postgres, redis_server: RedisServer) -> Iterator[Installation]:
    """A new database with our schema, an empty Redis, and no process yet. Media are kept in one folder."""
    shared: dict[str, object] = {
        "database_url": postgres.create(TEMPLATE),
        "redis_url": redis_server.url,
        "secret_key": "k" * 40,
        "stores": f"local:{tmp_path / 'media'}",
    }
    one = Installation(tmp_path, shared)
    yield one
    one.end()


def failure() -> dict[str, Any]:
    """What HeyGen tells about one more video that it could not render."""
    return {
        "event_type": "avatar_video.fail",
        "event_data": {"video_id": f"hg-{next(numbers)}", "msg": "No such voice"},
    }


@asynccontextmanager
async def watching(service: Service, bearer: str, last_id: int | None = None) -> AsyncIterator[AsyncIterator[Any]]:
    """The frames of an open stream. Raises *HTTPStatusError* when it is refused."""
    headers = {"Authorization": bearer}
    if last_id is not None:
        headers["Last-Event-ID"] = str(last_id)
    async with (
        httpx.AsyncClient(base_url=service.base, headers=headers, timeout=30) as client,
        client.stream("GET", "/api/v1/stream") as response,
    ):
        response.raise_for_status()
        yield sse(response)
