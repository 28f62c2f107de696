"""Finding entries of the audit log, and taking it away whole; on both databases."""

import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from reelhook.auth import Access
from reelhook.auth.audit import EXPORT_PAGE
from reelhook.auth.audit_export import lines
from reelhook.auth.audit_search import AuditFilter
from reelhook.auth.retention import sweeps
from reelhook.db import Database
from reelhook.db.tables import audit, metadata
from reelhook.settings import Settings
from tests.servers import TEMPLATE, Postgres, postgres
from tests.sweeping import swept

from .conftest import Client, Key, StoppedClock

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'reelhook.db'}")
        database.migrate(lambda conn: metadata.create_all(conn))
    else:
        server: Postgres = request.getfixturevalue("postgres")
        database = Database(server.create(TEMPLATE))
    yield database
    database.close()


Found = Callable[..., Awaitable[list[str]]]


@pytest.fixture
async def story(access: Access, db: Database, clock: StoppedClock, person) -> dict[str, str]:
    """Five entries, a day apart, and who they are about."""
    ada = (await person("ada@example.com")).id
    told: list[tuple[str, str, str | None, str, dict[str, Any]]] = [
        (f"person:{ada}", "video.create", "v1", "192.0.2.1", {"title": "=2+2"}),
        (f"person:{ada}", "video.delete", "v1", "192.0.2.1", {}),
        ("key:k1", "video_alike.create", "v2", "2001:db8::7", {"kind": "100%"}),
        ("local:local", "person.role", ada, "192.0.2.9", {"role": "admin"}),
        ("settings", "secret.add", "s_1", "", {"name": "Übung"}),
    ]
    for actor, action, target, remote, data in told:
        clock.forward(days=1)
        await db.write(
            lambda tx, a=actor, b=action, c=target, d=remote, e=data: access.audit.record(tx, a, b, c, d, **e)
        )
    return {"ada": ada}


@pytest.fixture
async def found(client: Client, key: Key, story: dict[str, str]) -> Found:
    """The targets of what a query finds, the oldest first; without what the tests' own key left."""
    program = client(authorization=f"Bearer {await key('operator')}")

    async def ask(**query: str) -> list[str]:
        answer = await program.get("/api/v1/audit", params=query)
        assert answer.status_code == 200, answer.text
        return [f"{entry['action']} {entry['target']}" for entry in reversed(answer.json()["data"])]

    return ask


async def test_entries_are_found_by_each_part_and_by_all_together(
    found: Found, story: dict[str, str], clock: StoppedClock
) -> None:
    ada = story["ada"]
    both = ["video.create v1", "video.delete v1"]
    assert await found(actor=f"person:{ada}") == both
    assert await found(actor="person:") == both
    assert await found(actor="person") == []
    assert await found(action="video.") == both
    assert await found(action="video.delete") == both[1:]
    assert await found(target="v1", action="video.create") == both[:1]
    assert await found(target="v1", actor="key:") == []
    until = clock.now() - timedelta(days=1)
    since = until - timedelta(days=2)
    times = {"since": since.isoformat(), "until": until.isoformat()}
    assert await found(**times) == ["video.delete v1", "video_alike.create v2"]


async def test_words_are_found_wherever_they_stand(found: Found, story: dict[str, str]) -> None:
    assert await found(q="DELETE") == ["video.delete v1"]
    assert await found(q="db8::7") == ["video_alike.create v2"]
    assert await found(q="bung") == ["secret.add s_1"]
    assert await found(q="0%") == ["video_alike.create v2"]
    assert await found(q="s_1") == ["secret.add s_1"]  # an underscore is no wildcard
    # The name of a person stands for all that they did, and all that was done to them.
    ada = story["ada"]
    of_ada = [f"person.create {ada}", "video.create v1", "video.delete v1", f"person.role {ada}"]
    assert await found(q="ada@example") == of_ada


async def test_a_filter_goes_on_over_pages(client: Client, key: Key, story: dict[str, str]) -> None:
    program = client(authorization=f"Bearer {await key('operator')}")
    first = (await program.get("/api/v1/audit?limit=1&action=video.")).json()
    rest = {"limit": 1, "action": "video.", "cursor": first["next_cursor"]}
    second = (await program.get("/api/v1/audit", params=rest)).json()
    assert [entry["action"] for entry in first["data"] + second["data"]] == ["video.delete", "video.create"]
    assert second["next_cursor"] is None


async def test_the_export_is_the_same_as_a_file(client: Client, key: Key, story: dict[str, str]) -> None:
    program = client(authorization=f"Bearer {await key('operator')}")
    listed = (await program.get("/api/v1/audit?action=video.")).json()["data"]
    answer = await program.get("/api/v1/audit/export?format=jsonl&action=video.")
    assert answer.headers["content-disposition"] == 'attachment; filename="reelhook-audit.jsonl"'
    assert [json.loads(line) for line in answer.text.splitlines()] == listed
    table = await program.get("/api/v1/audit/export?format=csv&q=v1")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["action"] for row in rows] == ["video.delete", "video.create"]
    assert json.loads(rows[1]["data"])["title"] == "=2+2"


async def test_an_export_that_finds_nothing_is_an_empty_file(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key('operator')}")
    for form, text in (("jsonl", ""), ("csv", "id,at,actor,")):
        answer = await program.get(f"/api/v1/audit/export?format={form}&action=nothing.")
        assert answer.status_code == 200
        assert answer.text.startswith(text)
        assert len(answer.text.splitlines()) == (form == "csv")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d"])
async def test_no_cell_of_the_export_is_a_formula(start: str) -> None:
    class Entry(BaseModel):
        target: str

    async def pages() -> AsyncIterator[list[Entry]]:
        yield [Entry(target=f"{start}cmd|' /C calc'!A0")]

    text = "".join([piece async for piece in lines(pages(), Entry, "csv")])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["target"], [f"'{start}cmd|' /C calc'!A0"]]


async def test_an_export_takes_no_more_memory_than_some_pages(access: Access, db: Database) -> None:
    number = 8 * EXPORT_PAGE
    row = {"at": access.audit._clock.now(), "actor": "a", "action": "b.c", "data": {"text": "x" * 1000}}
    await db.write(lambda tx: tx.execute(insert(audit), [row] * number))
    seen, tops = 0, []
    tracemalloc.start()
    async for entries in access.audit.every(AuditFilter(action="b.")):
        seen += len(entries)
        tops.append(tracemalloc.get_traced_memory()[1])
        del entries
    tracemalloc.stop()
    assert seen == number
    assert tops[-1] < 2 * tops[1]


async def test_a_wrong_filter_is_422_by_name(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key('operator')}")
    for query in ("since=yesterday", "format=xml", f"q={'x' * 201}"):
        answer = await program.get(f"/api/v1/audit/export?{query}")
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


async def test_entries_are_never_changed_and_go_only_when_they_are_old(
    db: Database, story: dict[str, str], clock: StoppedClock
) -> None:
    with pytest.raises(DBAPIError, match="audit is append-only"):
        await db.write(lambda tx: tx.execute(update(audit).values(actor="nobody")))
    assert swept(db, sweeps(Settings(audit_days=730), clock.now())).get("audit") is None
    clock.forward(days=728)
    assert swept(db, sweeps(Settings(audit_days=730), clock.now())) == {"audit": 3}
