"""Sealing everything anew, on both databases: in batches, to be interrupted, harmless twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, Text, insert, inspect, select, update

from reelhook.auth import Audit, local_admin
from reelhook.db import Database, Tx
from reelhook.db.schema import prepare
from reelhook.db.tables import audit, metadata, webhook_secrets
from reelhook.db.tables.sealed import SEALED
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.sealing import Sealer
from reelhook.sealed import Resealing
from reelhook.sealed.resealing import BATCH
from tests.conftest import StillClock
from tests.processes import clean_environment, run_command
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]

OLD, BOTH, GONE = Sealer(["old"]), Sealer(["new", "old"]), Sealer(["gone"])


def add(tx: Tx, number: int, sealer: Sealer, **other: Any) -> None:
    row = {"id": f"{number:04}", "source": "heygen", "fingerprint": str(number), "sealed": sealer.seal(f"s{number}")}
    tx.execute(insert(webhook_secrets).values(**row | {"created_at": StillClock().now()} | other))


@pytest.fixture
def resealing(db: Database, clock: StillClock) -> Resealing:
    return Resealing(db, BOTH, Audit(db, clock))


async def opened(db: Database, sealer: Sealer) -> list[str]:
    query = select(webhook_secrets.c.sealed).order_by(webhook_secrets.c.id)
    return [sealer.open(sealed) for sealed in await db.read(lambda conn: list(conn.execute(query).scalars()))]


async def told(db: Database) -> list[Any]:
    return await db.read(lambda conn: list(conn.execute(select(audit).order_by(audit.c.id)).all()))


async def test_the_new_key_alone_opens_everything_afterwards(db: Database, resealing: Resealing) -> None:
    number = 2 * BATCH + 1
    await db.write(lambda tx: [add(tx, one, BOTH if one < 3 else OLD) for one in range(number)] and None)
    assert list((await resealing.census()).sealed.values()) == [3, number - 3]
    done = await resealing.reseal(local_admin())
    assert (done.resealed, done.current, done.unreadable) == (number - 3, 3, 0)
    assert done.key == Sealer(["new"]).fingerprints[0]
    assert await opened(db, Sealer(["new"])) == [f"s{one}" for one in range(number)]
    entries = await told(db)
    assert [entry.data["resealed"] for entry in entries] == [BATCH - 3, BATCH, 1]
    assert {(entry.actor, entry.action, entry.target) for entry in entries} == {
        ("local:local", "secrets.reseal", done.key)
    }


async def test_twice_is_harmless_and_nothing_to_tell(db: Database, resealing: Resealing) -> None:
    await db.write(lambda tx: add(tx, 1, OLD))
    await resealing.reseal(local_admin())
    before = await db.read(lambda conn: conn.execute(select(webhook_secrets.c.sealed)).scalar())
    again = await resealing.reseal(local_admin())
    assert (again.resealed, again.current) == (0, 1)
    assert await db.read(lambda conn: conn.execute(select(webhook_secrets.c.sealed)).scalar()) == before
    assert len(await told(db)) == 1


async def test_what_was_interrupted_goes_on_where_it_ended(
    db: Database, resealing: Resealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.write(lambda tx: [add(tx, one, OLD) for one in range(BATCH + 2)] and None)
    write, calls = db.write, []

    async def once(work: Any, **options: Any) -> Any:
        if calls:
            raise DatabaseUnavailable("away")
        calls.append(work)
        return await write(work, **options)

    with monkeypatch.context() as patched:
        patched.setattr(db, "write", once)
        with pytest.raises(DatabaseUnavailable):
            await resealing.reseal(local_admin())
    done = await resealing.reseal(local_admin())
    assert (done.resealed, done.current) == (2, BATCH)
    assert await opened(db, Sealer(["new"])) == [f"s{one}" for one in range(BATCH + 2)]


async def test_what_no_key_opens_is_counted_if_it_is_missed_and_left_alone(db: Database, resealing: Resealing) -> None:
    def fill(tx: Tx) -> None:
        add(tx, 1, GONE)
        add(tx, 2, GONE, source="settings")
        add(tx, 3, GONE, retired_at=StillClock().now())
        add(tx, 4, OLD)

    await db.write(fill)
    assert (await resealing.census()).unreadable == 1
    done = await resealing.reseal(local_admin())
    assert (done.resealed, done.unreadable) == (1, 1)
    assert await opened(db, Sealer(["new", "gone"])) == ["s1", "s2", "s3", "s4"]


async def test_what_another_process_put_there_meanwhile_stays(
    db: Database, resealing: Resealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.write(lambda tx: add(tx, 1, OLD))
    newer, open_ = BOTH.seal("changed"), resealing._sealer.open

    class Slow(Sealer):
        """Between the look and the write, somebody else writes."""

        def open(self, sealed: str) -> str:
            text = open_(sealed)
            self.tx.execute(update(webhook_secrets).values(sealed=newer))
            return text

    slow = Slow(["new", "old"])
    anew = resealing._anew

    def with_tx(tx: Tx, **options: Any) -> Any:
        slow.tx = tx  # type: ignore[attr-defined]
        return anew(tx, **options)

    monkeypatch.setattr(resealing, "_sealer", slow)
    monkeypatch.setattr(resealing, "_anew", with_tx)
    await resealing.reseal(local_admin())
    assert await opened(db, BOTH) == ["changed"]


def test_every_column_that_sounds_sealed_is_on_the_list() -> None:
    listed = {(one.column.table.name, one.column.name) for one in SEALED}
    sounds = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, (String, Text)) and "sealed" in column.name
    }
    assert sounds == listed
    for one in SEALED:
        assert list(inspect(one.column.table).primary_key) == [one.id]


def test_the_command_seals_anew_and_says_how_many(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'reelhook.db'}"
    database = Database(url)
    database.migrate(prepare)
    database.write_now(lambda tx: add(tx, 1, OLD))
    database.close()
    environment = clean_environment(database_url=url, stores=f"local:{tmp_path / 'media'}", secret_key="new,old")
    first = run_command("reseal", "--json", environment=environment)
    assert first.returncode == 0, first.stderr
    key = BOTH.fingerprints[0]
    assert json.loads(first.stdout) == {"key": key, "resealed": 1, "current": 0, "unreadable": 0}
    again = run_command("reseal", environment=environment | {"REELHOOK_SECRET_KEY": "new"})
    assert again.stdout == f"0 sealed anew with the key {key}, 1 were already\n"
