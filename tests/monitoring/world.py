"""One process of the service, wired as it runs, on a clock that only moves when told; the outside is one real host."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import orjson
from sqlalchemy import insert

from reelhook.db.tables import people
from reelhook.doors import _webhooks
from reelhook.events import sign
from reelhook.health import Health
from reelhook.jobs.kinds import SendNotification, Work
from reelhook.jobs.runner import Runner
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page
from reelhook.kit.points import unnoticed
from reelhook.monitoring import records
from reelhook.parts import Parts
from reelhook.settings import Settings
from reelhook.videos import State
from reelhook.work import worker
from tests.archive.host import Host
from tests.conftest import StillClock, counting_bytes
from tests.mail import Delivered, MailServer

SECRET = "whsec_drill"
SITE = "https://reel.example.com"
LEASE = timedelta(seconds=30)
HALF_MINUTE = 30.0


class World:
    """*outside* is HeyGen, its file host and the builders' systems at once; *mail* gets what people are told.

    *meanwhile* is what goes on between two looks; *ends* is done when all is over.
    """

    def __init__(self, folder: Path, outside: Host, mail: MailServer) -> None:
        self.outside, self.mail, self.clock = outside, mail, StillClock()
        self.config = Settings(
            database_url=f"sqlite:///{folder / 'reelhook.db'}",
            stores=f"local:{folder / 'media'},cloudinary",  # type: ignore[arg-type]
            fetch_allow=outside.address,
            heygen_base_url=outside.url,
            heygen_api_key="k",  # type: ignore[arg-type]
            cloudinary_url=f"cloudinary://k:s@c?upload_prefix={outside.url}",  # type: ignore[arg-type]
            heygen_webhook_secrets=SECRET,  # type: ignore[arg-type]
            smtp_url=mail.url,  # type: ignore[arg-type]
            public_url=SITE,
        )
        self.parts = Parts(self.config, self.clock, Ids(self.clock, counting_bytes()), unnoticed)
        worker_ = worker(self.parts)
        handlers = {work.kind: handler for work, handler in worker_.handlers.items()}
        self._runner = Runner(self.parts.db, self.parts.queue, self.clock, self.parts.ids, handlers)
        self._kinds = set(handlers)
        self.meanwhile: list[Callable[[], None]] = []
        self.ends = ExitStack()
        self.restarts()
        self._front = httpx2.AsyncClient(transport=httpx2.ASGITransport(_webhooks(self.parts)[0]), base_url=SITE)

    async def open(self) -> None:
        """Read what the service reads at its start, and let one operator in."""
        await self.parts.secrets.load()
        operator = {"id": self.parts.ids.new(), "email": "ada@example.com", "role": "operator"}
        await self.add(people, **operator, created_at=self.clock.now())

    async def close(self) -> None:
        await self._front.aclose()
        await self.parts.close()
        self.ends.close()

    def restarts(self) -> None:
        """The process says anew who it is, and what it leans on."""
        self.health = Health(self.parts, lambda: None, lambda: False, listens=True, works=True)

    async def add(self, table: Any, **values: Any) -> None:
        await self.parts.db.write(lambda tx: tx.execute(insert(table).values(**values)) and None)

    def passes(self, **time: float) -> None:
        """So much time goes by."""
        self.clock.move(timedelta(**time).total_seconds())

    async def wants(self, *works: Work) -> None:
        """Somebody queues this."""
        for work in works:
            await self.parts.db.write(lambda tx, work=work: self.parts.queue.add(tx, work))  # type: ignore[misc]

    async def work(self, *kinds: str) -> None:
        """Run every job that is due, of these *kinds* or of all, until none is."""
        queue, wanted = self.parts.queue, kinds or self._kinds
        while due := await self.parts.db.write(lambda tx: queue.claim(tx, "w", LEASE, 8, wanted)):
            await asyncio.gather(*map(self._runner.attempt, due))

    async def look(self) -> None:
        """Half a minute later the process says how it is, and the rules are evaluated."""
        self.clock.move(HALF_MINUTE)
        for happens in self.meanwhile:
            happens()
        await self.health.heartbeat.beat()
        await self.parts.db.write(await self.parts.alerts.evaluation.look())

    async def incidents(self, rule: str) -> Sequence[records.Json]:
        """All that this rule has opened so far, newest first."""
        which = {"rule": rule, "drill": False}
        return await self.parts.db.read(lambda conn: records.listing(conn, Page(), **which)["data"])

    async def letters(self) -> Sequence[Delivered]:
        """What came in since this was asked last."""
        await self.work(SendNotification.kind)
        came, self.mail.delivered[:] = list(self.mail.delivered), []
        return came

    async def post(self, type_: str, *, secret: str = SECRET, **data: Any) -> int:
        """A webhook at the front door; returns the status of the answer."""
        body = orjson.dumps({"event_type": type_, "event_data": data})
        headers = {"signature": sign(body, secret), "content-type": "application/json"}
        return (await self._front.post("/webhooks/heygen", content=body, headers=headers)).status_code

    async def video(self, heygen_id: str | None, state: State = State.RENDERING) -> str:
        """A video that somebody has asked for just now."""
        given: dict[str, Any] = {"kind": "avatar_video", "store": "local", "message": "made"}
        create = self.parts.lifecycle.create
        return await self.parts.db.write(lambda tx: create(tx, state=state, heygen_video_id=heygen_id, **given))
