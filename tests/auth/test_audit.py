import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from reelhook.auth import Access, local_admin
from reelhook.db import Database
from reelhook.db.tables import audit

from .conftest import HEADER, Client, Key, Person


async def test_an_entry_is_written_with_the_change_or_not_at_all(access: Access, db: Database, actions) -> None:
    def half(tx) -> None:
        access.audit.record(tx, "system", "thing.done", "t1", None)
        raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        await db.write(half)
    assert await actions() == []


async def test_the_database_itself_refuses_to_change_an_entry(access: Access, db: Database, actions) -> None:
    await db.write(lambda tx: access.audit.record(tx, local_admin(), "thing.done", "t", None))
    with pytest.raises(DBAPIError, match="audit is append-only"):
        await db.write(lambda tx: tx.execute(update(audit).values(action="nothing.done")))
    assert await actions() == ["thing.done"]


async def test_the_log_is_read_newest_first_in_pages(access: Access, db: Database, client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key('operator')}")
    for number in range(4):
        await db.write(lambda tx, n=number: access.audit.record(tx, local_admin(), "thing.done", f"t{n}", "::1", n=n))
    first = (await program.get("/api/v1/audit?limit=3")).json()
    assert [entry["target"] for entry in first["data"]] == ["t3", "t2", "t1"]
    assert first["data"][0] == {
        "id": 5,
        "at": "2026-11-22T12:00:00.000Z",
        "actor": "local:local",
        "actor_name": None,
        "action": "thing.done",
        "target": "t3",
        "target_name": None,
        "remote": "::1",
        "data": {"n": 3},
    }
    second = (await program.get("/api/v1/audit", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [entry["action"] for entry in second["data"]] == ["thing.done", "key.create"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=!", "cursor=", "cursor=eA", "limit=x"])
async def test_a_wrong_page_is_422_by_name(client: Client, key: Key, query: str) -> None:
    program = client(authorization=f"Bearer {await key()}")
    answer = await program.get(f"/api/v1/audit?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


async def test_names_are_joined_when_entries_are_read_and_no_address_is_ever_written(
    access: Access, db: Database, client: Client, key: Key, person: Person, signed_in
) -> None:
    await person("eve@example.com", "admin")
    browser = await signed_in("eve@example.com")
    ben = (
        await browser.post("/api/v1/people", json={"email": "ben@example.com", "role": "viewer"}, headers=HEADER)
    ).json()
    program = client(authorization=f"Bearer {await key('admin')}")
    await program.patch(f"/api/v1/people/{ben['id']}", json={"role": "operator"})
    named = {
        (entry["action"], entry["actor_name"], entry["target_name"])
        for entry in (await program.get("/api/v1/audit")).json()["data"]
    }
    assert {
        ("person.create", None, "eve@example.com"),
        ("session.create", "eve@example.com", "eve@example.com"),
        ("person.create", "eve@example.com", "ben@example.com"),
        ("person.invite", "eve@example.com", "ben@example.com"),
        ("key.create", None, "backend"),
        ("person.role", "backend", "ben@example.com"),
    } == named
    written = await db.read(lambda conn: conn.execute(select(audit)).all())
    assert "@" not in str(written)
