"""The room wired as in parts.py, a receiver, and ways to let its jobs run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import Row, select
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit
from reelhook.auth.principal import of_key
from reelhook.auth.site import Site
from reelhook.db import Database
from reelhook.db.tables import audit, jobs, outgoing_attempts, outgoing_deliveries
from reelhook.jobs import Destinations, Queue
from reelhook.jobs.runner import SETTLE_AGAIN_S, Runner
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.notify.channels.webhook import Outbox, Webhooks
from reelhook.settings import Settings
from reelhook.videos import Lifecycle, State
from tests.conftest import StillClock
from tests.notify.webhook.receiver import Receiver

LEASE = timedelta(seconds=30)
STILL_S = 5.0  # after so long nobody works any more: somebody sleeps
ROOT = "/subscription-endpoints"


class Scene:
    """One process of the service, as far as outgoing webhooks are concerned."""

    def __init__(self, db: Database, clock: StillClock, ids: Ids, receiver: Receiver) -> None:
        self.db, self.clock, self.ids, self.receiver = db, clock, ids, receiver
        self.queue = Queue(clock, ids)
        self.outbox = Outbox(clock, ids, self.queue)
        self.lifecycle = Lifecycle(clock, ids, self.queue, self.outbox.video)
        self.destinations = Destinations(clock, ids)
        config = Settings(fetch_allow=receiver.address)
        self.room = Webhooks.build(
            config, db, clock, ids, self.queue, self.outbox, Audit(db, clock), Site(), Sealer(["k"]), self.destinations
        )
        handlers = {work.kind: handler for work, handler in self.room.handlers().items()}
        self.runner = Runner(db, self.queue, clock, ids, handlers)
        self.app, self.principal = create_api(self.room.router()), of_key("k", "builder", "operator", None)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app=self, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1", timeout=20) as http:
            yield http

    async def ask(self, method: str, path: str = "", body: Any = None, *, expect: int | None = None) -> Any:
        """The answer to a request below the endpoints' address."""
        async with self.client() as http:
            answer = await http.request(method, ROOT + path, json=body)
        assert answer.status_code == expect if expect else answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def subscribe(self, **values: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.ask("POST", "", {"url": self.receiver.url} | values)
        return made

    async def create(self, **values: Any) -> str:
        """A video that was just asked for."""
        given: dict[str, Any] = {"kind": "avatar_video", "store": "local", "message": "Made by a test"}
        return await self.db.write(lambda tx: self.lifecycle.create(tx, **given | values, state=State.REQUESTED))

    async def move(self, video_id: str, to: State) -> None:
        assert await self.db.write(lambda tx: self.lifecycle.transition(tx, video_id, to, str(to)))

    async def work(self) -> None:
        """Run every job that is due, many at a time as a worker does, until none is."""
        while due := await self.db.write(lambda tx: self.queue.claim(tx, "w", LEASE, 8)):
            attempts = asyncio.gather(*map(self.runner.attempt, due))
            while not (await asyncio.wait([attempts], timeout=STILL_S))[0]:
                await self.clock.forward(SETTLE_AGAIN_S)  # a write that Postgres refused is tried again after this
            await attempts

    async def until(self, seconds: float) -> None:
        """Let time pass, and run what is due then."""
        self.clock.move(seconds)
        await self.work()

    async def rows(self, table: Any, *which: Any) -> list[Row[Any]]:
        return await self.db.read(lambda conn: list(conn.execute(select(table).where(*which).order_by(table.c.id))))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows(outgoing_deliveries)]

    async def jobs(self) -> list[tuple[str, str]]:
        return [(row.kind, row.state) for row in await self.rows(jobs)]

    async def attempts(self) -> list[int | None]:
        return [row.status for row in await self.rows(outgoing_attempts)]

    async def actions(self) -> list[tuple[str, str]]:
        return [(row.actor, row.action) for row in await self.rows(audit)]
