"""A busy client costs no query each time, and a change of access is seen by every process within a second."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from sqlalchemy import Connection, select, update

from reelhook.auth import Access, local_admin
from reelhook.auth.changes import TOPIC
from reelhook.db import Database
from reelhook.db.tables import api_keys, people
from reelhook.kit.bus import LocalBus
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.settings import Settings

from .conftest import HEADER, Client, Key, Person, StoppedClock, quick_passwords

BY = local_admin()
WITHIN_A_SECOND = 0.99
VIDEO = "/api/v1/videos/0192c000-0000-7000-8000-000000000001"


class DeafBus(LocalBus):
    """The bus of a process that hears nothing of the others, like one whose Redis is away."""

    def publish(self, topic: str, message: str = "") -> None:
        """Here the processes share one Database object, which tells this one of commits of the other."""

    def hear(self, topic: str, message: str) -> None:
        self._listeners.tell(topic, message)

    def gap(self) -> None:
        self._listeners.tell_of_gap()


@dataclass
class Process:
    """Another process on the same database: its gate, and what it hears."""

    access: Access
    bus: DeafBus
    gate: httpx2.AsyncBaseTransport

    async def status(self, **headers: str) -> int:
        async with httpx2.AsyncClient(transport=self.gate, base_url="http://127.0.0.1:8000") as client:
            return (await client.get(VIDEO, headers=headers)).status_code


@pytest.fixture
async def other(db: Database, app: FastAPI, clock: StoppedClock, settings: Settings) -> AsyncIterator[Process]:
    bus = DeafBus()
    sealer = Sealer(["new key", "old key"])
    access = Access.build(settings, db, bus, clock, Ids(clock), sealer, quick_passwords())
    yield Process(access, bus, httpx2.ASGITransport(access.gate(app), client=("192.0.2.7", 5000)))
    await access.close()


@pytest.fixture
def reads(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each query that was made."""
    made: list[object] = []
    read = db.read

    async def counted(work: Callable[[Connection], object], **limits: float) -> object:
        made.append(work)
        return await read(work, **limits)

    monkeypatch.setattr(db, "read", counted)
    return made


# A way to be let in, and the change that ends it.
Way = tuple[dict[str, str], Callable[[], Awaitable[object]]]


@pytest.fixture(params=["key", "its token", "session", "disabled", "their token"])
async def way(
    request: pytest.FixtureRequest,
    access: Access,
    key: Key,
    person: Person,
    signed_in: Callable[..., Awaitable[httpx2.AsyncClient]],
    db: Database,
) -> Way:
    if request.param in ("key", "its token"):
        bearer = await key("operator")
        key_id = await db.read(lambda conn: conn.execute(select(api_keys.c.id)).scalar_one())
        if request.param == "its token":
            issuer = await access.keys.find(bearer)
            assert issuer is not None
            bearer = access.stream_tokens.issue(issuer, "u").token
        return {"authorization": f"Bearer {bearer}"}, lambda: access.keys.revoke(BY, key_id)
    await person("grace@example.com")  # somebody has to stay who is an admin
    row = await person()
    browser = await signed_in()
    cookie = {"cookie": f"reelhook={browser.cookies['reelhook']}"}
    if request.param == "session":
        return cookie, lambda: browser.delete("/api/v1/session", headers=HEADER)
    if request.param == "their token":
        issuer = await access.sessions.find(browser.cookies["reelhook"])
        assert issuer is not None
        cookie = {"authorization": f"Bearer {access.stream_tokens.issue(issuer, 'u').token}"}
    return cookie, lambda: access.people.change(BY, row.id, disabled=True)


async def test_a_busy_client_costs_one_query_a_moment(way: Way, other: Process, reads: list[object]) -> None:
    headers, _ = way
    assert {await other.status(**headers) for _ in range(20)} == {200}
    assert len(reads) == 1


async def test_where_the_change_is_heard_it_counts_at_once(way: Way, client: Client) -> None:
    headers, change = way
    caller = client()
    assert (await caller.get(VIDEO, headers=headers)).status_code == 200
    await change()
    assert (await caller.get(VIDEO, headers=headers)).status_code == 401


async def test_where_it_is_not_heard_it_counts_within_a_second(way: Way, other: Process, clock: StoppedClock) -> None:
    headers, change = way
    assert await other.status(**headers) == 200
    await change()
    assert await other.status(**headers) == 200, "this process has heard nothing and still believes it"
    clock.forward(seconds=WITHIN_A_SECOND)
    assert await other.status(**headers) == 401


async def test_after_a_gap_nothing_is_believed(way: Way, other: Process) -> None:
    headers, change = way
    assert await other.status(**headers) == 200
    await change()
    other.bus.gap()
    assert await other.status(**headers) == 401


async def test_a_message_of_a_kind_from_the_future_has_everything_looked_up_again(
    way: Way, other: Process, reads: list[object]
) -> None:
    headers, _ = way
    await other.status(**headers)
    other.bus.hear(TOPIC, "team:0192c000")
    await other.status(**headers)
    assert len(reads) == 2


async def test_a_changed_role_counts_at_once(
    access: Access, person: Person, signed_in: Callable[..., Awaitable[httpx2.AsyncClient]]
) -> None:
    await person("grace@example.com")
    row = await person()
    browser = await signed_in()
    assert (await browser.get("/api/v1/keys")).status_code == 200
    await access.people.change(BY, row.id, role="viewer")
    assert (await browser.get("/api/v1/keys")).status_code == 403


async def test_a_key_that_is_not_known_is_looked_up_once_a_moment(other: Process, reads: list[object]) -> None:
    for _ in range(5):
        assert await other.status(authorization="Bearer rhk_0000_unknown") == 401
    assert len(reads) == 1


async def test_the_use_of_a_busy_key_is_noted_every_minute(
    access: Access, key: Key, db: Database, clock: StoppedClock
) -> None:
    bearer = await key()
    for _ in range(130):
        await access.keys.find(bearer)
        await access.later.drain()
        clock.forward(seconds=0.5)
    used = await db.read(lambda conn: conn.execute(select(api_keys.c.last_used_at)).scalar_one())
    assert used is not None
    assert (clock.now() - used).total_seconds() < 10


async def test_an_error_of_the_database_is_not_kept(
    access: Access, key: Key, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = await key()
    with monkeypatch.context() as away:

        async def fail(*_: object, **__: object) -> None:
            raise LookupError("away")

        away.setattr(db, "read", fail)
        with pytest.raises(LookupError):
            await access.keys.find(bearer)
    assert await access.keys.find(bearer) is not None


async def test_the_rate_of_hits_is_a_metric(access: Access, key: Key) -> None:
    def counted(result: str) -> float:
        return REGISTRY.get_sample_value("reelhook_cache_total", {"cache": "keys", "result": result}) or 0.0

    bearer, before = await key(), (counted("hit"), counted("miss"))
    for _ in range(4):
        await access.keys.find(bearer)
    assert (counted("hit") - before[0], counted("miss") - before[1]) == (3, 1)


async def test_a_row_that_somebody_changed_by_hand_is_seen_within_a_second(
    access: Access,
    person: Person,
    signed_in: Callable[..., Awaitable[httpx2.AsyncClient]],
    clock: StoppedClock,
    db: Database,
) -> None:
    await person()
    browser = await signed_in()
    assert (await browser.get(VIDEO)).status_code == 200
    await db.write(lambda tx: tx.execute(update(people).values(disabled_at=clock.now())))
    clock.forward(seconds=WITHIN_A_SECOND)
    assert (await browser.get(VIDEO)).status_code == 401
