"""A service over HTTP, those who change something in it, and what there is to be changed."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import insert, select, update
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.credentials import LOCAL
from reelhook.db import Tx
from reelhook.db.tables import (
    assets,
    events,
    jobs,
    outgoing_deliveries,
    outgoing_messages,
    videos,
)
from reelhook.jobs.kinds import EndVideos

REMOTE = "192.0.2.7"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@dataclass
class Call:
    """One request, and what its entry must name: the *target* (None: there is none), and *remote*, where it is from."""

    path: str
    body: Any = None
    target: str | None = None
    by: str = "admin"
    query: dict[str, str] = field(default_factory=dict)
    remote: str | None = REMOTE


@dataclass
class World:
    """A service over HTTP. *clients*: an admin by key, the same person signed in, somebody new, and the machine's."""

    service: Service
    clients: dict[str, httpx2.AsyncClient]
    actors: dict[str, str]
    folder: Path
    url: str
    stack: AsyncExitStack

    async def write(self, work: Callable[[Tx], Any]) -> Any:
        return await self.service.parts.db.write(work)

    async def made(self, path: str, body: Any) -> Any:
        answer = await self.clients["admin"].post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def got(self, path: str) -> Any:
        answer = await self.clients["admin"].get(path)
        assert answer.is_success, answer.text
        return answer.json()

    async def person(self, email: str) -> str:
        return (await self.service.parts.access.people.create(local_admin(), email, "viewer", PASSWORD)).id

    async def browser(self, email: str) -> str:
        """Let somebody new sign in, by a client of their own, which is named like them; returns their id."""
        person_id = await self.person(email)
        one = client(self.service.asgi, headers={"x-reelhook": "1"})
        self.clients[email] = await self.stack.enter_async_context(one)
        self.actors[email] = f"person:{person_id}"
        await self.sign_in(email)
        return person_id

    async def sign_in(self, email: str) -> None:
        answer = await self.clients[email].post("/api/v1/session", json={"email": email, "password": PASSWORD})
        assert answer.is_success, answer.text

    async def invited(self, email: str) -> str:
        return str((await self.made("/api/v1/people", {"email": email, "role": "viewer"}))["id"])

    async def subscription(self) -> str:
        return str((await self.made("/api/v1/subscription-endpoints", {"url": self.url}))["id"])

    async def delivery(self, endpoint_id: str) -> str:
        parts = self.service.parts
        now, message_id, delivery_id = parts.clock.now(), f"msg_{parts.ids.new()}"[:36], parts.ids.new()
        message = {"id": message_id, "type": "video.ready", "payload": b"{}", "created_at": now}
        made = {"id": delivery_id, "message_id": message_id, "endpoint_id": endpoint_id, "state": "failed"}

        def work(tx: Tx) -> None:
            tx.execute(insert(outgoing_messages).values(**message))
            tx.execute(insert(outgoing_deliveries).values(**made, created_at=now, settled_at=now))

        await self.write(work)
        return delivery_id

    async def stored(self, name: str) -> str:
        video_id, parts = await self.video(name, state="ready"), self.service.parts
        asset = {"id": parts.ids.new(), "video_id": video_id, "role": "video", "state": "stored", "store": "local"}
        asset |= {"location": "x.mp4", "created_at": parts.clock.now()}
        await self.write(lambda tx: tx.execute(insert(assets).values(**asset)))
        return video_id

    async def video(self, name: str, **values: Any) -> str:
        video_id: str = (await self.made("/api/v1/videos", {"heygen_video_id": name}))["id"]
        if values:
            await self.write(lambda tx: tx.execute(update(videos).where(videos.c.id == video_id).values(**values)))
        return video_id

    async def dead_job(self) -> str:
        def work(tx: Tx) -> str:
            self.service.parts.queue.add(tx, EndVideos())
            newest = select(jobs.c.id).order_by(jobs.c.id.desc()).limit(1)
            job_id: str = tx.execute(newest).scalar_one()
            error = {"code": "x", "message": "x", "retryable": False}
            tx.execute(update(jobs).where(jobs.c.id == job_id).values(state="dead", error=error))
            return job_id

        return await self.write(work)

    async def event(self) -> str:
        values = {"id": self.service.parts.ids.new(), "source": "webhook", "endpoint": "e", "type": "t", "body": b"{}"}
        values |= {"headers": b"[]", "received_at": self.service.parts.clock.now(), "state": "ignored"}
        await self.write(lambda tx: tx.execute(insert(events).values(**values)))
        return str(values["id"])


Row = Callable[[World], Awaitable[Call]]


def client(app: ASGIApp, **options: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(REMOTE, 5000))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=30, **options)


def local(app: ASGIApp) -> ASGIApp:
    """As the Unix socket brings it."""

    async def over_the_socket(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, LOCAL: True, "client": None}, receive, send)

    return over_the_socket
