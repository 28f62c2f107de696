"""What was refused is kept, but never without limit and never at the answer's expense."""

from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from reelhook.db import Database
from reelhook.db.tables import rejections
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox import Rejection, Rejections
from reelhook.inbox.rejections import KEPT, KEPT_BODY
from reelhook.kit.ids import Ids
from tests.conftest import START, StillClock

from .conftest import Rows


def rejection(**other: Any) -> Rejection:
    values: dict[str, Any] = {
        "endpoint": "heygen",
        "status": 401,
        "reason": "wrong_secret",
        "detail": "the secret of another endpoint",
        "remote": "192.0.2.1",
        "headers": ((b"signature", b"ab"), (b"authorization", b"Bearer secret")),
        "body": b"\xff\x00",
        "at": START,
    }
    return Rejection(**(values | other))


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("reelhook_rejections_total", {"reason": reason}) or 0


async def test_a_rejection_is_readable_once_it_is_kept(db: Database, clock: StillClock, ids: Ids, rows: Rows) -> None:
    await Rejections(db, clock, ids).keep(rejection(detail="a\x00b\ud800" + "x" * 2000, body=b"y" * (KEPT_BODY + 5)))
    (row,) = await rows.of(rejections)
    assert (row.status, row.reason, row.remote, row.at) == (401, "wrong_secret", "192.0.2.1", START)
    assert (len(row.body), row.bytes) == (KEPT_BODY, KEPT_BODY + 5)
    assert row.detail.startswith("abxxx")
    assert len(row.detail) == 1000
    assert orjson.loads(row.headers) == [["signature", "ab"], ["authorization", "***"]]


async def test_a_flood_is_sampled_and_counted_whole(db: Database, clock: StillClock, ids: Ids, rows: Rows) -> None:
    kept, before = Rejections(db, clock, ids), counted("flood")
    for _ in range(KEPT.burst + 200):
        await kept.keep(rejection(reason="flood"))
    assert await rows.count(rejections) == KEPT.burst
    assert counted("flood") - before == KEPT.burst + 200
    clock.move(1)
    for _ in range(200):
        await kept.keep(rejection(reason="flood"))
    assert await rows.count(rejections) == KEPT.burst + KEPT.rate


async def test_a_database_that_is_away_does_not_change_the_answer(
    db: Database, clock: StillClock, ids: Ids, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counted("away")

    async def away(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(db, "write", away)
        await Rejections(db, clock, ids).keep(rejection(reason="away"))
    assert (await rows.count(rejections), counted("away") - before) == (0, 1)


async def test_neither_does_a_row_that_cannot_be_stored(db: Database, clock: StillClock, ids: Ids, rows: Rows) -> None:
    await Rejections(db, clock, ids).keep(rejection(reason=None, detail="no reason"))
    assert await rows.count(rejections) == 0
