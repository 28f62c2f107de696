"""The room wired as in parts.py, with one channel that a test decides about, people, and ways to let its jobs run."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
import orjson
from sqlalchemy import ColumnElement, Row, insert, select, true
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit, Principal
from reelhook.auth.principal import of_person
from reelhook.db import Database
from reelhook.db.tables import jobs, notification_deliveries, notifications, outgoing_messages, people, stream
from reelhook.errors import ReelhookError
from reelhook.jobs import Queue
from reelhook.jobs.runner import Runner
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.notify.channel import Notice, Recipient, Sent
from reelhook.notify.channels.webhook import Outbox
from reelhook.notify.room import Telling, teller
from reelhook.settings import Settings
from reelhook.videos import Lifecycle, State
from reelhook.videos.states import FailedBy
from tests.conftest import StillClock

LEASE = timedelta(seconds=30)


@dataclass
class Letterbox:
    """A channel that keeps what it is given. *answers* are raised one after the other before it takes anything."""

    name: str = "email"
    certain: bool = False
    missing: str = "nobody has set it up"
    taken: list[tuple[str, Notice]] = field(default_factory=list)
    answers: list[BaseException] = field(default_factory=list)
    there: ColumnElement[bool] = field(default_factory=true)

    def reachable(self) -> ColumnElement[bool]:
        return self.there

    async def send(self, notice: Notice, person: Recipient) -> Sent:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append((person.email, notice))
        return Sent(person.email, "taken")


class Scene:
    """One process of the service, as far as people are told."""

    def __init__(
        self, db: Database, clock: StillClock, ids: Ids, allow: str = "", *, push: Letterbox | None = None
    ) -> None:
        self.db, self.clock, self.ids = db, clock, ids
        self.queue, self.email, self.push = Queue(clock, ids), Letterbox(), push or Letterbox("push", certain=True)
        self.outbox = Outbox(clock, ids, self.queue)
        ways = (self.email, self.push)
        self.teller = teller(clock, ids, self.queue, self.outbox, ways)
        self.lifecycle = Lifecycle(clock, ids, self.queue, self.teller.video)
        audit, limits = Audit(db, clock), Limits(clock)
        self.room = Telling.build(
            Settings(fetch_allow=allow, public_url="https://reel.example.com"),
            db,
            clock,
            ids,
            self.queue,
            audit,
            Sealer(["k"]),
            limits,
            self.teller,
            ways,
        )
        handlers = {work.kind: handler for work, handler in self.room.handlers().items()}
        self.runner = Runner(db, self.queue, clock, ids, handlers)
        self._app = create_api(*self.room.routers())

    async def person(self, name: str, role: str = "viewer", **values: Any) -> Principal:
        row = {"id": self.ids.new(), "email": f"{name}@example.com", "role": role, "created_at": self.clock.now()}
        await self.db.write(lambda tx: tx.execute(insert(people).values(**row | values)) and None)
        return of_person(row["id"], row["email"], role)

    async def ask(self, by: Principal, method: str, path: str, body: Any = None, *, expect: int | None = None) -> Any:
        async def app(scope: AsgiScope, receive: Receive, send: Send) -> None:
            scope["state"] = {"principal": by}
            await self._app(scope, receive, send)

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as http:
            answer = await http.request(method, path, json=body)
        assert answer.status_code == expect if expect else answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def wish(self, by: Principal, **wishes: Any) -> Any:
        return await self.ask(by, "PUT", "/me/preferences", wishes)

    async def inbox(self, by: Principal) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.ask(by, "GET", "/me/notifications"))["data"]
        return listed

    async def video(self, subject: str | None, title: str | None = "Intro") -> str:
        given: dict[str, Any] = {"kind": "avatar_video", "store": "local", "message": "Made", "subject": subject}
        return await self.db.write(lambda tx: self.lifecycle.create(tx, **given, title=title, state=State.REQUESTED))

    async def move(self, video_id: str, *states: State, **values: Any) -> list[bool]:
        moved = []
        for to in states:
            moved.append(
                await self.db.write(lambda tx, to=to: self.lifecycle.transition(tx, video_id, to, str(to), **values))  # type: ignore[misc]
            )
        return moved

    async def ready(self, subject: str | None, title: str = "Intro") -> str:
        """A video that went all the way."""
        video_id = await self.video(subject, title)
        assert all(await self.move(video_id, State.RENDERED, State.ARCHIVING, State.READY))
        return video_id

    async def fail(self, video_id: str) -> None:
        await self.move(video_id, State.FAILED, failed_by=FailedBy.HEYGEN, failure_message="not enough credit")

    async def work(self) -> None:
        """Run every job that is due, until none is."""
        while due := await self.db.write(lambda tx: self.queue.claim(tx, "w", LEASE, 8)):
            await asyncio.gather(*map(self.runner.attempt, due))

    async def until(self, seconds: float) -> None:
        self.clock.move(seconds)
        await self.work()

    async def rows(self, table: Any) -> list[Row[Any]]:
        return await self.db.read(lambda conn: list(conn.execute(select(table).order_by(table.c.id))))

    async def keys(self) -> list[tuple[str, str]]:
        """Who was told what."""
        return sorted((row.person_id, row.key) for row in await self.rows(notifications))

    async def states(self) -> dict[str, str]:
        """Of all ways, by channel; a test that looks has one notification."""
        return {row.channel: row.state for row in await self.rows(notification_deliveries)}

    async def heard(self) -> list[Row[Any]]:
        return [row for row in await self.rows(stream) if row.event == "notification"]

    async def outgoing(self) -> list[dict[str, Any]]:
        """The messages for other systems."""
        return [orjson.loads(row.payload) for row in await self.rows(outgoing_messages)]

    async def jobs(self) -> list[tuple[str, str]]:
        return [(row.kind, row.state) for row in await self.rows(jobs) if row.kind.startswith("send_")]


class Trouble(ReelhookError):
    """What a channel says that surely did not take a message."""

    code, retryable = "trouble", True
