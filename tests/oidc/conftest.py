"""Our service with a provider: one of our own that misbehaves on request, or a real one."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from reelhook.api import create_api
from reelhook.auth import Access, local_admin
from reelhook.auth.endpoints import routers
from reelhook.db import Database
from reelhook.db.tables import audit, identities
from reelhook.kit.bus import LocalBus
from reelhook.kit.clock import Clock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.settings import Settings
from tests.auth.conftest import StoppedClock, quick_passwords
from tests.oidc.tiny import CLIENT_ID, CLIENT_SECRET, Tiny, tiny_provider
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]

PUBLIC_URL = "http://127.0.0.1:8000"
OIDC = "/api/v1/session/oidc"


@dataclass
class House:
    """The service, as a browser at *remote* sees it, and what it wrote down."""

    access: Access
    db: Database
    gate: Any

    def browser(self, remote: str = "192.0.2.7") -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.gate, client=(remote, 5000))
        return httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL)

    async def invite(self, email: str, role: str = "operator") -> str:
        return str((await self.access.people.create(local_admin(), email, role)).id)

    async def recorded(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Actor, action and data of all entries, oldest first."""
        query = select(audit.c.actor, audit.c.action, audit.c.data).order_by(audit.c.id)
        return await self.db.read(lambda conn: [tuple(row) for row in conn.execute(query)])

    async def identities(self) -> list[tuple[str, str]]:
        query = select(identities.c.subject, identities.c.person_id).order_by(identities.c.subject)
        return await self.db.read(lambda conn: [tuple(row) for row in conn.execute(query)])


@asynccontextmanager
async def house(db: Database, clock: Clock, settings: Settings) -> AsyncIterator[House]:
    async with guarded_session(settings.fetch_allow) as http:
        sealer = Sealer(["new key", "old key"])
        access = Access.build(
            settings, db, LocalBus(), clock, Ids(clock), sealer, quick_passwords(), Limits(clock), http=http
        )
        yield House(access, db, access.shield(access.gate(create_api(*routers(access)))))
        await access.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
async def provider(clock: StoppedClock) -> AsyncIterator[Tiny]:
    async with tiny_provider(clock.now) as one:
        yield one


@pytest.fixture
def more() -> dict[str, Any]:
    """Settings beside the usual ones; a test's own parameter."""
    return {}


@pytest.fixture
async def ours(db: Database, clock: StoppedClock, provider: Tiny, more: dict[str, Any]) -> AsyncIterator[House]:
    usual = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    allowed = provider.issuer.removeprefix("http://")
    settings = Settings(**{**usual, "public_url": PUBLIC_URL, "fetch_allow": allowed, "oidc_role": "viewer", **more})
    async with house(db, clock, settings) as one:
        yield one


Begin = Callable[..., Any]


async def begin(browser: httpx2.AsyncClient, provider: Tiny, wanted: str = "/jobs?kind=a") -> dict[str, str]:
    """Go to the provider; returns what the browser carries there."""
    answer = await browser.get(f"{OIDC}/start", params={"next": wanted})
    assert answer.status_code == 303, answer.text
    there = urlsplit(answer.headers["location"])
    carried = {name: values[0] for name, values in parse_qs(there.query).items()}
    provider.nonce, provider.challenge = carried["nonce"], carried["code_challenge"]
    return carried


async def come_back(browser: httpx2.AsyncClient, provider: Tiny, **answer: str) -> str:
    """The whole way, with the provider's answer changed by *answer*; returns where the browser is sent."""
    carried = await begin(browser, provider)
    said = {"code": "the-code", "state": carried["state"]} | answer
    done = await browser.get(f"{OIDC}/callback", params=said)
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def reason(location: str) -> str | None:
    """The code that the sign-in page is told; None when somebody is signed in."""
    place = urlsplit(location)
    return parse_qs(place.query)["oidc"][0] if place.path == "/sign-in" else None
