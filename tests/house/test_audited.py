"""Every operation that changes something leaves exactly one entry in the audit log: who, what, to what, from where.

A new operation belongs on one of the two lists: on AUDITED with its action and a real call, or on UNRECORDED with the
reason why nobody will ever ask who did it.
"""

import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select, update
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.credentials import LOCAL
from reelhook.db import Tx
from reelhook.db.tables import audit, events, jobs, videos, webhook_secrets
from reelhook.jobs.kinds import EndVideos
from reelhook.kit.sealing import Sealer
from reelhook.settings import Settings
from reelhook.simulators.process import SimulatorConfig, running
from tests.ingest.serving import served
from tests.servers import prepared_file

from .test_routes import api

__all__ = ["api", "prepared_file"]

REMOTE = "192.0.2.7"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
MUTATING = frozenset({"post", "put", "patch", "delete"})
UNRECORDED = {
    "POST /webhooks/heygen": "HeyGen speaks here: what it says is kept as events",
    "POST /webhooks/heygen/callback/{token}": "the same",
    "POST /api/v1/videos/{video_id}/seen": "what a browser showed, and nobody's decision",
    "POST /api/v1/stream-tokens": "stores nothing and changes nothing; the token itself names who gave it out",
}


@dataclass
class Call:
    """One request, and the target that its entry must name; None: it has none."""

    path: str
    body: Any = None
    target: str | None = None
    by: str = "admin"
    query: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """A service over HTTP. *clients*: an admin by key, the same person signed in, somebody new, and the machine's."""

    service: Service
    clients: dict[str, httpx2.AsyncClient]
    actors: dict[str, str]
    folder: Path
    url: str

    async def write(self, work: Callable[[Tx], Any]) -> Any:
        return await self.service.parts.db.write(work)

    async def made(self, path: str, body: Any) -> Any:
        answer = await self.clients["admin"].post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def person(self, email: str) -> str:
        return (await self.service.parts.access.people.create(local_admin(), email, "viewer", PASSWORD)).id

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


async def create_video(world: World) -> Call:
    return Call("/api/v1/videos", {"heygen_video_id": "created"}, target="*")


async def change_video(world: World) -> Call:
    video_id = await world.video("changed")
    return Call(f"/api/v1/videos/{video_id}", {"title": "Another"}, video_id)


async def delete_video(world: World) -> Call:
    video_id = await world.video("deleted")
    return Call(f"/api/v1/videos/{video_id}", None, video_id, query={"confirm": video_id})


async def retry_video(world: World) -> Call:
    video_id = await world.video("tried again", state="failed", request={"type": "avatar", "avatar_id": "anna"})
    return Call(f"/api/v1/videos/{video_id}/retry", None, video_id)


async def retry_job(world: World) -> Call:
    job_id = await world.dead_job()
    return Call(f"/api/v1/jobs/{job_id}/retry", None, job_id)


async def retry_jobs(world: World) -> Call:
    await world.dead_job()
    return Call("/api/v1/jobs/retry", {})


async def discard_job(world: World) -> Call:
    job_id = await world.dead_job()
    return Call(f"/api/v1/jobs/{job_id}/discard", {"reason": "seen to"}, job_id)


async def replay_event(world: World) -> Call:
    event_id = await world.event()
    return Call(f"/api/v1/events/{event_id}/replay", None, event_id)


async def replay_events(world: World) -> Call:
    return Call("/api/v1/events/replay", {"type": "t"})


async def reconcile(world: World) -> Call:
    return Call("/api/v1/reconcile", {"kinds": ["stores"]})


async def back_up(world: World) -> Call:
    path = str(world.folder / "backup")
    return Call("/api/v1/backups", {"path": path}, path, by="local")


async def register_endpoint(world: World) -> Call:
    return Call("/api/v1/webhook-endpoints", {"url": world.url}, "*")


async def rotate_secret(world: World) -> Call:
    (endpoint,) = (await world.clients["admin"].get("/api/v1/webhook-endpoints")).json()["data"]
    return Call(f"/api/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", None, endpoint["id"])


async def reseal(world: World) -> Call:
    parts = world.service.parts
    values = {"id": "1", "source": "heygen", "fingerprint": "f", "sealed": Sealer(["old"]).seal("x")}
    values |= {"created_at": parts.clock.now(), "retired_at": parts.clock.now()}
    await world.write(lambda tx: tx.execute(insert(webhook_secrets).values(**values)))
    return Call("/api/v1/secrets/reseal", None, parts.sealer.fingerprints[0])


async def create_key(world: World) -> Call:
    return Call("/api/v1/keys", {"name": "another", "role": "viewer"}, "*")


async def revoke_key(world: World) -> Call:
    key_id = (await world.made("/api/v1/keys", {"name": "short", "role": "viewer"}))["id"]
    return Call(f"/api/v1/keys/{key_id}", None, key_id)


async def create_person(world: World) -> Call:
    return Call("/api/v1/people", {"email": "new@example.com", "role": "viewer"}, "*")


async def change_person(world: World) -> Call:
    person_id = await world.person("promoted@example.com")
    return Call(f"/api/v1/people/{person_id}", {"role": "operator"}, person_id)


async def disable_person(world: World) -> Call:
    person_id = await world.person("gone@example.com")
    return Call(f"/api/v1/people/{person_id}", None, person_id)


async def make_link(world: World) -> Call:
    person_id = await world.person("linked@example.com")
    return Call(f"/api/v1/people/{person_id}/sign-in-link", None, person_id)


async def sign_in(world: World) -> Call:
    return Call("/api/v1/session", {"email": EMAIL, "password": PASSWORD}, world.actors["person"][7:], by="person")


async def sign_in_by_link(world: World) -> Call:
    person_id = world.actors["person"][7:]
    token = await world.write(lambda tx: world.service.parts.access.links.issue(tx, person_id))
    return Call("/api/v1/session/link", {"token": token}, person_id, by="person")


async def sign_out(world: World) -> Call:
    return Call("/api/v1/session", None, world.actors["person"][7:], by="person")


AUDITED: dict[str, tuple[str, Row]] = {
    "POST /api/v1/videos": ("video.create", create_video),
    "PATCH /api/v1/videos/{video_id}": ("video.change", change_video),
    "DELETE /api/v1/videos/{video_id}": ("video.delete", delete_video),
    "POST /api/v1/videos/{video_id}/retry": ("video.retry", retry_video),
    "POST /api/v1/jobs/{job_id}/retry": ("job.retry", retry_job),
    "POST /api/v1/jobs/retry": ("job.retry_chosen", retry_jobs),
    "POST /api/v1/jobs/{job_id}/discard": ("job.discard", discard_job),
    "POST /api/v1/events/{event_id}/replay": ("event.replay", replay_event),
    "POST /api/v1/events/replay": ("events.replay", replay_events),
    "POST /api/v1/reconcile": ("reconcile.run", reconcile),
    "POST /api/v1/backups": ("backup.create", back_up),
    "POST /api/v1/webhook-endpoints": ("webhook_endpoint.create", register_endpoint),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/rotate-secret": ("webhook_endpoint.rotate_secret", rotate_secret),
    "POST /api/v1/secrets/reseal": ("secrets.reseal", reseal),
    "POST /api/v1/keys": ("key.create", create_key),
    "DELETE /api/v1/keys/{key_id}": ("key.revoke", revoke_key),
    "POST /api/v1/people": ("person.create", create_person),
    "PATCH /api/v1/people/{person_id}": ("person.role", change_person),
    "DELETE /api/v1/people/{person_id}": ("person.disable", disable_person),
    "POST /api/v1/people/{person_id}/sign-in-link": ("person.sign_in_link", make_link),
    "POST /api/v1/session": ("session.create", sign_in),
    "POST /api/v1/session/link": ("session.create", sign_in_by_link),
    "DELETE /api/v1/session": ("session.end", sign_out),
}


async def test_every_operation_that_changes_something_is_on_one_of_the_lists(api: Any) -> None:
    paths = api.openapi()["paths"]
    changing = {f"{method.upper()} {path}" for path, methods in paths.items() for method in MUTATING & set(methods)}
    assert changing == set(AUDITED) | set(UNRECORDED)
    assert not set(AUDITED) & set(UNRECORDED)


async def test_each_of_them_leaves_one_entry_that_says_who_what_to_what_and_from_where(world: World) -> None:
    wrong: dict[str, object] = {}
    for operation, (action, prepare) in AUDITED.items():
        call = await prepare(world)
        before = await entries(world)
        method, client = operation.partition(" ")[0], world.clients[call.by]
        answer = await client.request(method, call.path, json=call.body, params=call.query)
        new = (await entries(world))[len(before) :]
        found = [(one.actor, one.action, one.target, one.remote) for one in new]
        target = new[0].target if call.target == "*" and new else call.target
        expected = [(world.actors[call.by], action, target, None if call.by == "local" else REMOTE)]
        if not answer.is_success or found != expected or (call.target == "*" and not target):
            wrong[operation] = (answer.status_code, answer.text, found, expected)
    assert wrong == {}


async def entries(world: World) -> list[Any]:
    query = select(audit).order_by(audit.c.id)
    return await world.service.parts.db.read(lambda conn: list(conn.execute(query).all()))


@pytest.fixture
async def world(prepared_file: Path, tmp_path: Path) -> AsyncIterator[World]:
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(running(SimulatorConfig()))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        base = f"127.0.0.1:{listener.getsockname()[1]}"
        service = Service(
            Settings(
                database_url=f"sqlite:///{tmp_path / 'reelhook.db'}",
                stores=f"local:{tmp_path / 'media'}",
                public_url=f"http://{base}",
                secret_key="new,old",
                heygen_base_url=outside.heygen,
                heygen_api_key=outside.heygen_api_key,
                fetch_allow=f"{base},{outside.heygen.partition('//')[2]}",
            ),
            works=False,
        )
        stack.push_async_callback(service.stop)
        service.start()
        await service.opened.wait()
        await stack.enter_async_context(served(service.asgi, listeners=[listener]))
        access = service.parts.access
        person = await access.people.create(local_admin(), EMAIL, "admin", PASSWORD)
        key = await access.keys.create(local_admin(), "program", "admin", None)
        clients = {
            "admin": client(service.asgi, headers={"authorization": f"Bearer {key.key}"}),
            "person": client(service.asgi, headers={"x-reelhook": "1"}),
            "local": client(local(service.asgi)),
        }
        for one in clients.values():
            await stack.enter_async_context(one)
        actors = {"admin": f"key:{key.id}", "person": f"person:{person.id}", "local": "local:local"}
        yield World(service, clients, actors, tmp_path, f"http://{base}/webhooks/heygen")


def client(app: ASGIApp, **options: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(REMOTE, 5000))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=30, **options)


def local(app: ASGIApp) -> ASGIApp:
    """As the Unix socket brings it."""

    async def over_the_socket(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, LOCAL: True, "client": None}, receive, send)

    return over_the_socket
