"""A real database, a stopped clock, and the room behind its gate in a minimal app."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Row, select

from reelhook.auth import Access, Principal, local_admin, requires
from reelhook.auth.endpoints import routers
from reelhook.auth.passwords import Passwords
from reelhook.db import Database, Tx
from reelhook.db.tables import audit, metadata
from reelhook.errors import ReelhookError
from reelhook.kit import problem
from reelhook.kit.bus import LocalBus
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.settings import Settings

PASSWORD = "correct horse battery"
HEADER = {"X-Reelhook": "1"}


class StoppedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def forward(self, **span: float) -> None:
        self._now += timedelta(**span)


def quick_passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'reelhook.db'}")
    database.migrate(lambda conn: metadata.create_all(conn))
    yield database
    database.close()


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url=None)


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
def limits(clock: StoppedClock) -> Limits:
    return Limits(clock)


class LetterBox:
    """Where links are posted to, when a test takes it for `post`: who gets one, and what for."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []

    def __call__(self, tx: Tx, person_id: str, purpose: str) -> None:
        self.posted.append((person_id, purpose))


@pytest.fixture
def post() -> LetterBox | None:
    """None: no e-mail is sent."""
    return None


@pytest.fixture
async def access(
    db: Database, bus: LocalBus, clock: StoppedClock, settings: Settings, limits: Limits, post: LetterBox | None
) -> AsyncIterator[Access]:
    sealer = Sealer(["new key", "old key"])
    built = Access.build(settings, db, bus, clock, Ids(clock), sealer, quick_passwords(), limits, post)
    yield built
    await built.close()


@pytest.fixture
def app(access: Access) -> FastAPI:
    """What doors.py makes of it, as small as can be, and one endpoint that says what it was given."""
    made = FastAPI(redoc_url=None)
    for router in routers(access):
        made.include_router(router)

    @made.exception_handler(ReelhookError)
    async def refused(_: Request, error: ReelhookError) -> Response:
        content = problem.body(error.status, error.code, error.message, **error.extra)
        return Response(content, error.status, error.headers, problem.MEDIA_TYPE)

    @made.exception_handler(HTTPException)
    async def wrong(_: Request, error: HTTPException) -> Response:
        code = getattr(error, "code", f"http_{error.status_code}")
        content = problem.body(error.status_code, code, str(error.detail))
        return Response(content, error.status_code, None, problem.MEDIA_TYPE)

    @made.get("/api/v1/stream")
    @made.get("/api/v1/videos/{video_id}")
    async def videos(by: Annotated[Principal, Depends(requires("videos:read"))]) -> dict[str, Any]:
        return {"kind": by.kind, "subject": by.subject, "video_ids": by.video_ids and sorted(by.video_ids)}

    @made.post("/api/v1/videos")
    async def create(request: Request, body: dict[str, Any]) -> int:
        return len(await request.body())

    @made.get("/metrics")
    async def metrics(by: Annotated[Principal, Depends(requires("metrics"))]) -> str:
        return by.id

    @made.post("/webhooks/heygen")
    async def front_door(request: Request) -> str:
        return ("state" in request.scope and "principal" in request.scope["state"] and "gated") or "open"

    return made


Client = Callable[..., httpx2.AsyncClient]


@pytest.fixture
async def client(app: FastAPI, access: Access) -> AsyncIterator[Client]:
    """Makes browsers and programs; each has cookies of its own."""
    made: list[httpx2.AsyncClient] = []
    gate = access.gate(app)

    def make(base: str = "http://127.0.0.1:8000", remote: str = "192.0.2.7", **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=gate, client=(remote, 5000))
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        made.append(httpx2.AsyncClient(transport=transport, base_url=base, headers=names))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


Person = Callable[..., Awaitable[Row[Any]]]


@pytest.fixture
def person(access: Access) -> Person:
    async def make(email: str = "ada@example.com", role: str = "admin", password: str | None = PASSWORD) -> Row[Any]:
        return await access.people.create(local_admin(), email, role, password)

    return make


Key = Callable[..., Awaitable[str]]


@pytest.fixture
def key(access: Access) -> Key:
    async def make(role: str = "admin", scopes: list[str] | None = None) -> str:
        return (await access.keys.create(local_admin(), "backend", role, scopes)).key

    return make


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Awaitable[httpx2.AsyncClient]]:
    """A browser whose person has signed in by password."""

    async def make(email: str = "ada@example.com", **options: Any) -> httpx2.AsyncClient:
        browser = client(**options)
        answer = await browser.post("/api/v1/session", json={"email": email, "password": PASSWORD}, headers=HEADER)
        assert answer.status_code == 200, answer.text
        return browser

    return make


@pytest.fixture
def actions(db: Database) -> Callable[[], Awaitable[list[str]]]:
    """What the audit log holds, oldest first."""

    async def read() -> list[str]:
        return await db.read(lambda conn: list(conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars()))

    return read
