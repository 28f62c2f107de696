"""What is told on the topic `access`, and when."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import select

from reelhook.auth import Access, local_admin
from reelhook.auth.changes import TOPIC
from reelhook.auth.digest import digest
from reelhook.db import Database, Tx
from reelhook.db.tables import api_keys
from reelhook.kit.bus import LocalBus

from .conftest import HEADER, PASSWORD, Client, Key, Person

BY = local_admin()


@pytest.fixture
def told(bus: LocalBus) -> list[str]:
    heard: list[str] = []
    bus.listen(TOPIC, heard.append)
    return heard


async def test_a_revoked_key_is_told_once(access: Access, key: Key, db: Database, told: list[str]) -> None:
    await key()
    key_id = await db.read(lambda conn: conn.execute(select(api_keys.c.id)).scalar_one())
    assert told == []
    for _ in range(2):
        await access.keys.revoke(BY, key_id)
        assert told == [f"key:{key_id}"]


async def test_who_signs_out_is_told_by_the_session(client: Client, person: Person, told: list[str]) -> None:
    await person()
    browser = client()
    await browser.post("/api/v1/session", json={"email": "ada@example.com", "password": PASSWORD}, headers=HEADER)
    token = browser.cookies["reelhook"]
    await browser.delete("/api/v1/session", headers=HEADER)
    assert told == [f"session:{digest(token)}"]


async def test_a_person_who_may_less_or_more_is_told(access: Access, person: Person, told: list[str]) -> None:
    await person()
    other = await person("grace@example.com", "operator")
    for change in ({"role": "viewer"}, {"disabled": True}, {"disabled": False}):
        told.clear()
        await access.people.change(BY, other.id, **change)
        assert set(told) == {f"person:{other.id}"}
        told.clear()
        await access.people.change(BY, other.id, **change)
        assert told == []  # nothing was changed


async def test_a_new_password_is_told(access: Access, person: Person, client: Client, told: list[str]) -> None:
    made = await person()
    body = {"token": (await access.people.sign_in_link(BY, made.id)).token, "password": "another good password"}
    assert (await client().post("/api/v1/session/link", json=body, headers=HEADER)).status_code == 200
    assert told == [f"person:{made.id}"]


async def test_what_is_rolled_back_is_not_told(access: Access, db: Database, told: list[str]) -> None:
    def work(tx: Tx) -> None:
        access.sessions.end_all(tx, "somebody")
        raise LookupError

    with suppress(LookupError):
        await db.write(work)
    await db.write(lambda tx: access.sessions.end_all(tx, "another"))
    assert told == ["person:another"]


async def test_the_bus_is_used_on_the_loop(access: Access, db: Database, bus: LocalBus) -> None:
    where: list[object] = []
    bus.listen(TOPIC, lambda _: where.append(asyncio.get_running_loop()))
    await db.write(lambda tx: access.sessions.end_all(tx, "somebody"))
    assert where == [asyncio.get_running_loop()]
