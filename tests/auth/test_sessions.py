import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from reelhook.auth import Access
from reelhook.auth.digest import digest
from reelhook.auth.sessions import LIFETIME, PROLONG_EVERY
from reelhook.db import Database
from reelhook.db.tables import sessions
from reelhook.settings import Settings

from .conftest import HEADER, PASSWORD, Client, Person, StoppedClock


async def cookie_of(client: Client, person: Person, base: str, **options: str) -> str:
    await person()
    browser = client(base, **options)
    body = {"email": "Ada@Example.com ", "password": PASSWORD}
    answer = await browser.post("/api/v1/session", json=body, headers=HEADER)
    assert answer.status_code == 200, answer.text
    return answer.headers["set-cookie"]


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
async def test_on_plain_loopback_the_cookie_is_plain(client: Client, person: Person, base: str) -> None:
    cookie = await cookie_of(client, person, base)
    assert cookie.startswith("reelhook=")
    assert "secure" not in cookie.lower()
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("base", ["https://reelhook.example.com", "http://reelhook.example.com", "https://localhost"])
async def test_elsewhere_it_belongs_to_this_host_and_https(client: Client, person: Person, base: str) -> None:
    cookie = await cookie_of(client, person, base)
    assert cookie.startswith("__Host-reelhook=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()


class TestPublicUrlHttps:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(public_url="https://reelhook.example.com")

    async def test_it_decides_whatever_the_proxy_made_of_the_host(self, client: Client, person: Person) -> None:
        assert "__Host-" in await cookie_of(client, person, "http://127.0.0.1:8000")

    async def test_its_origin_is_ours(self, client: Client, person: Person) -> None:
        await cookie_of(client, person, "http://127.0.0.1:8000", origin="https://reelhook.example.com")


class TestPublicUrlHttp:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(public_url="http://reelhook.lan:8000")

    async def test_an_operator_who_says_http_gets_it(self, client: Client, person: Person) -> None:
        assert (await cookie_of(client, person, "http://reelhook.lan:8000")).startswith("reelhook=")


class TestTrustedProxy:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(trusted_proxies=("10.0.0.1",))

    async def test_its_word_on_https_counts(self, client: Client, person: Person) -> None:
        cookie = await cookie_of(client, person, "http://localhost", remote="10.0.0.1", x_forwarded_proto="https")
        assert "__Host-" in cookie

    async def test_that_of_others_does_not(self, client: Client, person: Person) -> None:
        cookie = await cookie_of(client, person, "http://localhost", x_forwarded_proto="https")
        assert "__Host-" not in cookie


async def test_the_token_itself_is_stored_nowhere(client: Client, person: Person, db: Database) -> None:
    token = (await cookie_of(client, person, "http://localhost")).split(";")[0].partition("=")[2]
    row = await db.read(lambda conn: conn.execute(select(sessions)).one())
    assert len(token) == 64, "256 bits"
    assert token not in str(row)
    assert row.token_hash == digest(token)


async def test_who_is_signed_in(signed_in, client: Client, person: Person) -> None:
    made = await person(role="viewer")
    nobody = await client().get("/api/v1/session")
    assert nobody.status_code == 401
    answer = await (await signed_in()).get("/api/v1/session")
    assert answer.json() == {
        "principal": {
            "kind": "person",
            "id": made.id,
            "name": "ada@example.com",
            "role": "viewer",
            "scopes": ["me", "stream", "videos:read"],
        }
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(signed_in, client, person, actions) -> None:
    await person()
    browser = await signed_in()
    thief = client(cookie=f"reelhook={browser.cookies['reelhook']}")
    assert (await thief.get("/api/v1/keys")).status_code == 200
    answer = await browser.delete("/api/v1/session", headers=HEADER)
    assert (answer.status_code, browser.cookies.get("reelhook")) == (204, None)
    assert (await thief.get("/api/v1/keys")).status_code == 401
    assert (await thief.delete("/api/v1/session", headers=HEADER)).status_code == 204
    assert await actions() == ["person.create", "session.create", "session.end"]


async def test_a_session_in_use_goes_on(signed_in, person, access: Access, clock: StoppedClock) -> None:
    await person()
    browser = await signed_in()
    for _ in range(3):
        clock.forward(days=13)
        assert (await browser.get("/api/v1/keys")).status_code == 200
        await access.later.drain()
    clock.forward(days=14)
    assert (await browser.get("/api/v1/keys")).status_code == 401


async def test_a_session_is_prolonged_seldom(signed_in, person, access, clock, db, monkeypatch) -> None:
    await person()
    browser = await signed_in()
    start, writes, write = clock.now(), [], db.write

    async def counted(work, **options):
        writes.append(work)
        return await write(work, **options)

    monkeypatch.setattr(db, "write", counted)
    clock.forward(seconds=PROLONG_EVERY.total_seconds() - 1)
    await browser.get("/api/v1/keys")
    assert not writes
    clock.forward(seconds=1)
    await asyncio.gather(*(browser.get("/api/v1/keys") for _ in range(5)))
    await access.later.drain()
    row = await db.read(lambda conn: conn.execute(select(sessions)).one())
    assert (row.last_seen_at, row.expires_at) == (start + PROLONG_EVERY, start + PROLONG_EVERY + LIFETIME)
    assert len(writes) < 5


async def test_the_principal_ends_with_its_session(signed_in, person, access: Access, clock: StoppedClock) -> None:
    await person()
    found = await access.sessions.find((await signed_in()).cookies["reelhook"])
    assert found is not None
    assert found.expires_at == clock.now() + timedelta(days=14)
