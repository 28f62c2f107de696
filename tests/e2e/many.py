"""Several real processes of one installation: services and workers on one Postgres and one Redis."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.processes import Service, WorkerProcess
from tests.redis_server import RedisServer, redis_server
from tests.servers import TEMPLATE, Postgres, postgres

__all__ = ["Installation", "installation", "postgres", "redis_server"]


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
                each.process.wait()


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
