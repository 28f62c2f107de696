"""A hub on a real database, its endpoint behind a real server, and a principal that a test may choose."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from reelhook.auth.principal import Principal, local_admin
from reelhook.auth.standing import Standing
from reelhook.db import Database, Tx
from reelhook.kit.bus import Bus, LocalBus
from reelhook.kit.ids import Ids
from reelhook.realtime import Hub, StreamEndpoint, append
from reelhook.realtime.cap import MemoryCap
from tests.conftest import START, StillClock, eventually
from tests.ingest.conftest import database_url
from tests.ingest.serving import served
from tests.servers import prepared_file

__all__ = ["database_url", "prepared_file"]


class Scene:
    def __init__(self, db: Database, clock: StillClock, ids: Ids, bus: Bus) -> None:
        self.db, self.clock, self.bus = db, clock, bus
        self.standing = Standing(db, clock)
        self.hub = Hub(db, self.bus, MemoryCap(self.bus, clock, 3), self.standing, clock, ids)
        self.endpoint = StreamEndpoint(self.hub, clock, ids)
        self.principal: Principal = local_admin()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.endpoint(scope, receive, send)

    async def write(self, many: int = 1, *, size: int = 0, received_at: datetime | None = None, **about: Any) -> None:
        """Commit *many* updates in one transaction."""

        def work(tx: Tx) -> None:
            tx.received_at = received_at
            for number in range(many):
                append(tx, "video.updated", {"number": number, "filler": "x" * size}, at=START, **about)

        await self.db.write(work)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.hub.run())
        try:
            await eventually(lambda: self.hub.cursor is not None)
            yield
        finally:
            self.hub.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def streams(self) -> int:
        return len(self.hub._all())


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids, LocalBus())


@pytest.fixture
async def port(scene: Scene) -> AsyncIterator[int]:
    async with served(scene.app) as port, scene.following():
        yield port
