"""What was refused is kept, but never without limit and never at the answer's expense."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from reelhook.db import Database
from reelhook.db.tables import rejection_counts, rejections
from reelhook.errors import DatabaseUnavailable
from reelhook.events import Secret
from reelhook.inbox import Rejection, Rejections
from reelhook.inbox.rejection_counts import EVERY_S, RejectionCounts
from reelhook.inbox.rejections import KEPT_BODY
from reelhook.inbox.sampling import ALIKE, NEW, REPEATED, WHOLE, Sampling
from reelhook.kit.ids import Ids
from tests.conftest import START, StillClock, eventually

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


def lost() -> float:
    return REGISTRY.get_sample_value("reelhook_rejection_counts_lost_total") or 0


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


async def numbers(rows: Rows, kept: Rejections) -> dict[tuple[str, str], tuple[int, int]]:
    """What was refused and kept by door and reason, once it is written."""
    await kept.counts.flush()
    return {(row.endpoint, row.reason): (row.refused, row.kept) for row in await rows.of(rejection_counts)}


async def test_of_five_thousand_wrong_posts_ten_rows_are_kept_and_all_are_counted(
    db: Database, clock: StillClock, ids: Ids, rows: Rows
) -> None:
    kept, before = Rejections(db, clock, ids), counted("flood")
    for _ in range(5_000):
        await kept.keep(rejection(reason="flood"))
    assert await rows.count(rejections) == ALIKE.burst
    assert counted("flood") - before == 5_000
    assert await numbers(rows, kept) == {("heygen", "flood"): (5_000, ALIKE.burst)}
    clock.move(60)
    for _ in range(200):
        await kept.keep(rejection(reason="flood"))
    assert await numbers(rows, kept) == {("heygen", "flood"): (5_200, ALIKE.burst + 6)}


async def test_a_flood_of_one_address_hides_neither_another_nor_another_reason(
    db: Database, clock: StillClock, ids: Ids, rows: Rows
) -> None:
    kept = Rejections(db, clock, ids)
    for number in range(20 * REPEATED.burst):  # a network that takes turns, until its repeats are used up
        await kept.keep(rejection(remote=f"198.51.100.{number % 25}"))
    for remote in ("192.0.2.9", "2001:db8::1", "2001:db8::2"):
        await kept.keep(rejection(remote=remote))
    await kept.keep(rejection(remote="198.51.100.1", reason="no_signature"))
    found = await rows.of(rejections)
    assert len(found) == 25 + REPEATED.burst + 3
    assert {row.remote for row in found[-3:]} == {"192.0.2.9", "2001:db8::1", "198.51.100.1"}


async def test_whatever_the_addresses_and_reasons_there_is_a_limit(clock: StillClock) -> None:
    sampling = Sampling(clock)
    many = [
        sampling.keeps(f"reason {number % 20}", f"10.{number // 250}.0.{number % 250}")
        for number in range(40 * NEW.burst)
    ]
    assert sum(many) == WHOLE.burst


async def test_counts_are_written_soon_after_by_their_task(
    db: Database, clock: StillClock, ids: Ids, rows: Rows
) -> None:
    kept = Rejections(db, clock, ids)
    owner = asyncio.create_task(kept.counts.run())
    await kept.keep(rejection())
    kept.count("callback", "sender_gone")
    await eventually(lambda: clock.asleep == 1)
    await clock.forward(EVERY_S)

    async def written() -> bool:
        return await rows.count(rejection_counts) == 2

    await eventually(written)
    owner.cancel()


async def test_the_counts_of_several_processes_add_up(db: Database, clock: StillClock, ids: Ids, rows: Rows) -> None:
    several = [RejectionCounts(db, clock) for _ in range(3)]
    for number, counts in enumerate(several):
        for hour in range(2):
            counts.count(START + timedelta(hours=hour), "heygen", "wrong_secret", kept=number == 0)
            counts.count(START, "heygen", "no_signature", kept=False)
    await asyncio.gather(*(counts.flush() for counts in several))
    found = {(row.hour, row.reason): (row.refused, row.kept) for row in await rows.of(rejection_counts)}
    assert found == {
        (START, "no_signature"): (6, 0),
        (START, "wrong_secret"): (3, 1),
        (START + timedelta(hours=1), "wrong_secret"): (3, 1),
    }


async def test_counts_wait_for_the_database_and_what_is_lost_is_told(
    db: Database, clock: StillClock, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, before, most = RejectionCounts(db, clock), lost(), 20
    monkeypatch.setattr("reelhook.inbox.rejection_counts.MOST_WAITING", most)

    async def away(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(db, "write", away)
        for hour in range(most + 5):  # a database that is away for very long
            counts.count(START + timedelta(hours=hour), "heygen", "wrong_secret", kept=False)
        await counts.flush()
        assert lost() - before == 5
    await counts.flush()
    assert await rows.count(rejection_counts) == most
    with monkeypatch.context() as patched:
        patched.setattr(db, "write", away)
        counts.count(START, "heygen", "wrong_secret", kept=False)
        await counts.flush(last=True)
    await counts.flush()
    assert lost() - before == 6
    counts.count(START, "heygen", None, kept=False)  # type: ignore[arg-type]
    await counts.flush()
    assert lost() - before == 7


async def test_neither_headers_nor_body_keep_a_secret(db: Database, clock: StillClock, ids: Ids, rows: Rows) -> None:
    known = [Secret("one", "whsec_known_to_us=="), Secret("two", "plain-but-secret")]
    kept = Rejections(db, clock, ids, lambda: known)
    sent = {
        "signature": "known_to_us==",
        "x-webhook-secret": "anybody's",
        "x-original-uri": "/webhooks/heygen?token=plain-but-secret&a=1",
        "x-title": "b=whsec_of_somebody",
        "heygen-signature": "ab" * 32,
    }
    headers = tuple((name.encode(), value.encode()) for name, value in sent.items())
    await kept.keep(rejection(headers=headers, body=b'\xff{"secret":"plain-but-secret","a":"whsec_another_one"}'))
    (row,) = await rows.of(rejections)
    assert dict(orjson.loads(row.headers)) == {
        "signature": "***",
        "x-webhook-secret": "***",
        "x-original-uri": "***&a=1",
        "x-title": "b=***",
        "heygen-signature": "ab" * 32,
    }
    assert row.body == b'\xff{"secret":"***","a":"***"}'


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
