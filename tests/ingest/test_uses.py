"""Uses of replaced secrets are counted without a write for each, and none is lost because a write fails."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.db import Database
from reelhook.db.tables import webhook_secrets
from reelhook.errors import DatabaseUnavailable
from reelhook.ingest.uses import Uses
from tests.conftest import START

from .conftest import Scene


async def row(db: Database) -> Any:
    return await db.read(lambda conn: conn.execute(select(webhook_secrets)).one())


@pytest.fixture
async def fingerprint(scene: Scene) -> str:
    await scene.book.load()
    return str((await row(scene.db)).fingerprint)


async def test_nothing_is_written_when_nothing_was_counted(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "write", None)
    await Uses(db).flush()


@pytest.mark.parametrize("trouble", [DatabaseUnavailable("away"), RuntimeError("a bug")])
async def test_what_cannot_be_written_is_counted_on(
    trouble: Exception, db: Database, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        uses.count(fingerprint, first, refused=False)  # one more comes meanwhile
        raise trouble

    uses, first, second = Uses(db), START, START + timedelta(seconds=1)
    uses.count(fingerprint, second, refused=True)
    with monkeypatch.context() as away:
        away.setattr(db, "write", broken)
        await uses.flush()
    await uses.flush()
    await uses.flush()
    found = await row(db)
    assert (found.uses, found.last_used_at) == (2, second)
