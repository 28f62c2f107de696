"""Backups beside a running service: one at a time, on record, given up when it stops, only for the machine itself."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import event, select
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.api import create_api
from reelhook.auth import Access, Principal, local_admin
from reelhook.auth.principal import local_scraper, of_key
from reelhook.backup import Backups, contents, copying, router
from reelhook.backup.backups import LIMIT_S
from reelhook.backup.errors import BackupGivenUp, BackupRunning, EmbeddedOnly
from reelhook.db import Database
from reelhook.db.tables import audit
from reelhook.errors import DatabaseUnavailable, WrongInput
from reelhook.kit.bus import LocalBus
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.settings import Settings
from tests.backup.conftest import add_video
from tests.backup.test_making import left, rows
from tests.conftest import StillClock, eventually
from tests.ingest.serving import connected, request, served


@pytest.fixture
async def access(filled: Database, clock: StillClock, ids: Ids) -> AsyncIterator[Access]:
    built = Access.build(Settings(), filled, LocalBus(), clock, ids, Sealer(["key"]))
    yield built
    await built.close()


@pytest.fixture
async def backups(filled: Database, access: Access, clock: StillClock, tmp_path: Path) -> AsyncIterator[Backups]:
    (tmp_path / "reelhook.db.key").write_text("the key")
    made = Backups(filled, access.audit, clock, tmp_path / "reelhook.db.key")
    yield made
    await made.close()


class Gate:
    """Holds the copying thread between two steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open, self.steps = threading.Event(), threading.Event(), 0
        monkeypatch.setattr(copying, "STEP", 1)
        monkeypatch.setattr(copying, "SYNC_EVERY", 1)
        sync = copying.sync_file

        def hold(path: Path) -> None:
            self.steps += 1
            self.reached.set()
            assert self.open.wait(10)
            sync(path)

        monkeypatch.setattr(copying, "sync_file", hold)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def start(backups: Backups, target: Path) -> asyncio.Task[Any]:
    return asyncio.create_task(backups.make(local_admin(), target, with_key=False))


async def entries(db: Database) -> list[Any]:
    return await db.read(lambda conn: list(conn.execute(select(audit).order_by(audit.c.id))))


async def test_it_is_made_and_on_record(backups: Backups, filled: Database, tmp_path: Path) -> None:
    manifest = await backups.make(local_admin(), tmp_path / "backup", with_key=True)
    (entry,) = await entries(filled)
    assert (entry.actor, entry.action, entry.target) == ("local:local", "backup.create", str(tmp_path / "backup"))
    assert entry.data["bytes"] == manifest.files["reelhook.db"].bytes
    assert entry.data["with_key"] is True
    assert (tmp_path / "backup" / "reelhook.db.key").read_text() == "the key"


async def test_the_event_loop_and_the_writer_go_on_meanwhile(
    backups: Backups, filled: Database, tmp_path: Path, gate: Gate
) -> None:
    making = start(backups, tmp_path / "backup")
    await eventually(gate.reached.is_set)
    await filled.write(lambda tx: add_video(tx, 3))
    gate.open.set()
    await making
    assert rows(tmp_path / "backup" / "reelhook.db", "SELECT count(*) FROM videos") == [(2,)]


async def test_a_second_one_is_refused_while_one_is_made(backups: Backups, tmp_path: Path, gate: Gate) -> None:
    first = start(backups, tmp_path / "first")
    await eventually(gate.reached.is_set)
    with pytest.raises(BackupRunning, match="another backup is being made"):
        await backups.make(local_admin(), tmp_path / "second", with_key=False)
    gate.open.set()
    await first
    await backups.make(local_admin(), tmp_path / "second", with_key=False)


async def test_a_server_that_stops_gives_it_up_and_nothing_is_left(
    backups: Backups, tmp_path: Path, gate: Gate
) -> None:
    making = start(backups, tmp_path / "backup")
    await eventually(gate.reached.is_set)
    backups.begin_stop()
    closing = asyncio.create_task(backups.close())
    gate.open.set()
    with pytest.raises(BackupGivenUp, match="the server is stopping"):
        await making
    await closing
    assert gate.steps == 1, "no page more was copied"
    assert left(tmp_path) == []
    with pytest.raises(BackupGivenUp, match="the server is stopping"):
        await backups.make(local_admin(), tmp_path / "backup", with_key=False)


async def test_a_disk_that_hangs_does_not_keep_the_server_from_stopping(
    backups: Backups, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = start(backups, tmp_path / "backup")
    await eventually(gate.reached.is_set)
    monkeypatch.setattr("reelhook.backup.backups.LET_GO_S", 0.05)
    async with asyncio.timeout(20):
        await backups.close()
    assert not making.done()
    gate.open.set()
    await asyncio.gather(making, return_exceptions=True)


async def test_a_request_that_is_cancelled_leaves_nothing(backups: Backups, tmp_path: Path, gate: Gate) -> None:
    making = start(backups, tmp_path / "backup")
    await eventually(gate.reached.is_set)
    making.cancel()
    await asyncio.sleep(0)
    gate.open.set()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert gate.steps == 1, "no page more was copied"
    assert left(tmp_path) == []


async def test_one_that_takes_too_long_is_given_up(
    backups: Backups, clock: StillClock, tmp_path: Path, gate: Gate
) -> None:
    making = start(backups, tmp_path / "backup")
    await eventually(gate.reached.is_set)
    clock.move(LIMIT_S + 1)
    gate.open.set()
    with pytest.raises(BackupGivenUp, match="it took longer than 3600 s"):
        await making
    assert left(tmp_path) == []


async def test_one_that_is_given_up_while_it_is_verified_ends_too(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "INSTRUCTIONS", 1)

    def copy_then_stop(source: Path, target: Path, check: Any) -> None:
        copying.copy(source, target, check)
        backups.give_up("enough")

    monkeypatch.setattr("reelhook.backup.making.copy", copy_then_stop)
    monkeypatch.setattr(contents, "stored", lambda conn: pytest.fail("it was looked through to its end"))
    with pytest.raises(BackupGivenUp, match="enough"):
        await backups.make(local_admin(), tmp_path / "backup", with_key=False)
    assert left(tmp_path) == []


async def test_what_cannot_be_put_on_record_is_not_made(backups: Backups, filled: Database, tmp_path: Path) -> None:
    def refuse(*_: Any) -> None:
        raise DatabaseUnavailable("the database refused the work: disk is full")

    event.listen(filled._writer, "begin", refuse)
    with pytest.raises(DatabaseUnavailable):
        await backups.make(local_admin(), tmp_path / "backup", with_key=False)
    assert left(tmp_path) == []


async def test_a_key_that_a_setting_gives_cannot_be_put_in(
    filled: Database, access: Access, clock: StillClock, tmp_path: Path
) -> None:
    backups = Backups(filled, access.audit, clock, None)
    with pytest.raises(WrongInput, match="REELHOOK_SECRET_KEY gives the key"):
        await backups.make(local_admin(), tmp_path / "backup", with_key=True)
    await backups.close()


async def test_postgres_has_means_of_its_own(access: Access, clock: StillClock, tmp_path: Path) -> None:
    server = Database("postgresql://127.0.0.1:1/reelhook")
    backups = Backups(server, access.audit, clock, None)
    with pytest.raises(EmbeddedOnly, match="with Postgres use pg_dump"):
        await backups.make(local_admin(), tmp_path / "backup", with_key=False)
    await backups.close()
    server.close()


def app(backups: Backups, principal: Principal) -> ASGIApp:
    """The route, asked by *principal*."""
    api = create_api(router(backups))

    async def known(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": principal}
        await api(scope, receive, send)

    return known


def client(backups: Backups, principal: Principal) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app(backups, principal))
    return httpx2.AsyncClient(transport=transport, base_url="http://reelhook")


async def test_only_the_machine_itself_may_ask(backups: Backups, tmp_path: Path) -> None:
    body = {"path": str(tmp_path / "backup")}
    for principal in (of_key("k", "k", "admin", None), of_key("k", "k", "operator", None), local_scraper()):
        async with client(backups, principal) as one:
            refused = await one.post("/api/v1/backups", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert left(tmp_path) == []


async def test_the_answer_is_the_manifest_and_its_place(backups: Backups, tmp_path: Path) -> None:
    async with client(backups, local_admin()) as one:
        made = await one.post("/api/v1/backups", json={"path": str(tmp_path / "backup")})
        assert made.status_code == 201
        assert made.json()["path"] == str(tmp_path / "backup")
        assert made.json()["created_at"] == "2026-11-22T12:00:00.000Z"
        again = await one.post("/api/v1/backups", json={"path": str(tmp_path / "backup")})
        assert (again.status_code, again.json()["code"]) == (409, "backup_exists")
        for path in ("relative/backup", "", "/tmp/nul\0", "/tmp/line\n", "/" + "x" * 4096, "/nowhere/backup"):
            wrong = await one.post("/api/v1/backups", json={"path": path})
            assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_input"), path
    assert left(tmp_path) == ["backup"]


async def test_who_hangs_up_gives_it_up(
    backups: Backups, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(backups, "give_up", lambda why: (reasons.append(why), Backups.give_up(backups, why)))
    body = f'{{"path": "{tmp_path / "backup"}"}}'.encode()
    async with served(app(backups, local_admin())) as port:
        async with connected(port) as line:
            await line.send(request(body, path="/api/v1/backups", content_type="application/json"))
            await eventually(gate.reached.is_set)
        await eventually(lambda: reasons == ["whoever asked for it hung up"])
        gate.open.set()
    assert left(tmp_path) == []
