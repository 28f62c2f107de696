"""P1 and P2: an answer follows the commit, whatever comes at once is committed together, and copies are one event."""

import asyncio
import threading
from typing import NoReturn

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from reelhook import logs
from reelhook.db.tables import delivery_attempts, event_keys, events, jobs
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox import Inbox, Receipt
from reelhook.inbox import inbox as room
from tests.conftest import eventually

from .conftest import Breaker, Gate, Rows, arrival, settled


async def test_an_accepted_event_and_its_work_are_in_the_database(inbox: Inbox, rows: Rows) -> None:
    receipt = await inbox.accept(arrival(b'{"a":1}'))
    (event,), (job,) = await rows.of(events), await rows.of(jobs)
    assert (event.id, event.state, event.body) == (receipt.event_id, "pending", b'{"a":1}')
    assert (job.kind, job.state, job.payload) == ("apply_events", "available", {"event_ids": [event.id]})


async def test_no_sender_is_answered_before_the_commit(inbox: Inbox, gate: Gate) -> None:
    waiting = asyncio.create_task(inbox.accept(arrival()))
    await eventually(lambda: gate.sizes == [1])
    assert not waiting.done()
    gate.open()
    assert isinstance(await waiting, Receipt)


async def test_fifty_copies_at_once_are_one_event(inbox: Inbox, rows: Rows) -> None:
    receipts = await asyncio.gather(*(inbox.accept(arrival(b"same")) for _ in range(50)))
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    (event,) = await rows.of(events)
    assert event.duplicates == 49
    assert await rows.count(delivery_attempts) == 50
    assert await rows.count(jobs) == 1


async def test_fifty_copies_in_different_batches_are_one_event(inbox: Inbox, rows: Rows) -> None:
    for _ in range(50):
        await inbox.accept(arrival(b"same", event_id="e1"))
    (event,) = await rows.of(events)
    assert (event.duplicates, await rows.count(delivery_attempts), await rows.count(jobs)) == (49, 50, 1)


async def test_what_arrives_during_a_commit_goes_into_the_next_one_up_to_256(
    inbox: Inbox, gate: Gate, rows: Rows
) -> None:
    first = asyncio.create_task(inbox.accept(arrival(b"first")))
    await eventually(lambda: gate.sizes == [1])
    later = [asyncio.create_task(inbox.accept(arrival(str(number).encode()))) for number in range(600)]
    await asyncio.sleep(0)
    gate.open()
    receipts = await asyncio.gather(first, *later)
    assert gate.sizes == [1, 256, 256, 88]
    assert len({receipt.event_id for receipt in receipts}) == 601 == await rows.count(events)
    assert [len(job.payload["event_ids"]) for job in await rows.of(jobs)] == [1, 256, 256, 88]


async def test_an_apply_job_names_its_events_in_the_order_they_came(inbox: Inbox, gate: Gate, rows: Rows) -> None:
    first = asyncio.create_task(inbox.accept(arrival(b"first")))
    await eventually(lambda: gate.sizes == [1])
    later = [asyncio.create_task(inbox.accept(arrival(str(number).encode()))) for number in range(40)]
    await asyncio.sleep(0)
    gate.open()
    receipts = await asyncio.gather(first, *later)
    _, job = await rows.of(jobs)
    assert job.payload["event_ids"] == [receipt.event_id for receipt in receipts[1:]]


async def test_a_commit_that_fails_refuses_every_sender_and_leaves_nothing(
    inbox: Inbox, breaker: Breaker, rows: Rows
) -> None:
    breaker.on()
    answers = await settled(*(inbox.accept(arrival(bytes([number]) * 9000)) for number in range(20)))
    assert {type(answer) for answer in answers} == {DatabaseUnavailable}
    assert len(set(map(id, answers))) == 20, "a shared error would grow a traceback with every sender"
    assert {answer.retry_after_s for answer in answers} == {5}
    assert [await rows.count(table) for table in (events, event_keys, delivery_attempts, jobs)] == [0, 0, 0, 0]
    breaker.off()
    assert not (await inbox.accept(arrival(b"after"))).duplicate


async def test_a_commit_for_many_is_not_told_as_work_of_the_first(inbox: Inbox, breaker: Breaker) -> None:
    breaker.on()
    with capture_logs([merge_contextvars]) as lines, logs.unit(job_id="of-the-first"):
        await settled(*(inbox.accept(arrival(bytes([number]) * 9000)) for number in range(20)))
    assert {line["event"] for line in lines} == {"inbox.not_committed"}
    assert not any("job_id" in line for line in lines)


async def test_a_commit_that_hangs_is_a_503_in_time_and_the_retry_is_a_duplicate(
    inbox: Inbox, gate: Gate, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "COMMIT_LIMIT_S", 1)  # its transaction has begun by then: who left before is not stored
    started = asyncio.get_running_loop().time()
    with pytest.raises(DatabaseUnavailable, match="too long"):
        await inbox.accept(arrival(b"slow"))
    assert asyncio.get_running_loop().time() - started < 8
    gate.open()
    monkeypatch.setattr(room, "COMMIT_LIMIT_S", 10)
    await eventually(lambda: rows_are(rows, 1))
    again = await inbox.accept(arrival(b"slow"))
    (event,) = await rows.of(events)
    assert again == Receipt(event.id, duplicate=True)


async def rows_are(rows: Rows, many: int) -> bool:
    return await rows.count(events) == many


async def test_a_database_that_never_answers_refuses_the_batch_and_the_next_one_too(
    inbox: Inbox, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "COMMIT_LIMIT_S", 0.1)
    answers = await settled(*(inbox.accept(arrival(str(number).encode())) for number in range(3)))
    answers += await settled(inbox.accept(arrival(b"next")))
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 4


async def test_who_gave_up_waiting_is_not_stored_and_holds_nobody_up(
    inbox: Inbox, gate: Gate, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "COMMIT_LIMIT_S", 1)  # the first one's transaction has begun by then
    first = asyncio.create_task(inbox.accept(arrival(b"first")))
    await eventually(lambda: gate.sizes == [1])
    impatient = (inbox.accept(arrival(b"impatient")) for _ in range(3))
    assert [type(answer) for answer in await settled(first, *impatient)] == [DatabaseUnavailable] * 4
    gate.open()
    await inbox.close()
    assert gate.sizes == [1]
    assert [event.body for event in await rows.of(events)] == [b"first"]


async def test_a_sender_that_hangs_up_during_the_commit_still_has_its_event_stored(
    inbox: Inbox, gate: Gate, rows: Rows
) -> None:
    gone = asyncio.create_task(inbox.accept(arrival(b"gone")))
    await eventually(lambda: gate.sizes == [1])
    gone.cancel()
    await settled(gone)
    gate.open()
    await inbox.close()
    assert await rows.count(events) == 1


async def test_a_commit_that_fails_after_a_sender_hung_up_refuses_the_others(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, failing = threading.Event(), threading.Event()

    def fail(*_: object) -> NoReturn:
        going.set()
        assert failing.wait(20)
        raise DatabaseUnavailable("the disk is full")

    monkeypatch.setattr(room.store, "commit", fail)
    gone = asyncio.create_task(inbox.accept(arrival(b"gone")))
    stays = asyncio.create_task(inbox.accept(arrival(b"stays")))
    await eventually(going.is_set)
    gone.cancel()
    await settled(gone)
    failing.set()
    with pytest.raises(DatabaseUnavailable, match="the disk is full"):
        await stays


async def test_a_full_queue_refuses_at_once(inbox: Inbox, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_WAITING", 2)
    accepted = [asyncio.create_task(inbox.accept(arrival(b"committing")))]
    await eventually(lambda: gate.sizes == [1])
    accepted += [asyncio.create_task(inbox.accept(arrival(body))) for body in (b"one", b"two")]
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailable, match="too many"):
        await inbox.accept(arrival(b"three"))
    gate.open()
    assert len(await asyncio.gather(*accepted)) == 3


async def test_large_bodies_fill_the_queue_by_their_bytes(
    inbox: Inbox, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_WAITING_BYTES", 1000)
    accepted = [asyncio.create_task(inbox.accept(arrival(b"a" * 900)))]
    await eventually(lambda: gate.sizes == [1])
    accepted.append(asyncio.create_task(inbox.accept(arrival(b"b" * 900))))
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailable, match="too many"):
        await inbox.accept(arrival(b"c" * 200))
    gate.open()
    await asyncio.gather(*accepted)
    assert (await inbox.accept(arrival(b"c" * 200))).duplicate is False


@pytest.mark.usefixtures("no_poison")
async def test_a_bad_row_refuses_only_itself(inbox: Inbox, gate: Gate, rows: Rows) -> None:
    first = asyncio.create_task(inbox.accept(arrival(b"first")))
    await eventually(lambda: gate.sizes == [1])
    kinds = ["good", "poison", "good", "poison", "good"]
    later = [
        asyncio.create_task(inbox.accept(arrival(str(number).encode(), type=kind))) for number, kind in enumerate(kinds)
    ]
    await asyncio.sleep(0)
    gate.open()
    _, *answers = await settled(first, *later)
    assert [type(answer) for answer in answers] == [
        Receipt,
        DatabaseUnavailable,
        Receipt,
        DatabaseUnavailable,
        Receipt,
    ]
    assert gate.sizes == [1, 5, 1, 1, 1, 1, 1]
    assert answers[1].retry_after_s == 5
    assert await rows.count(events) == 4
    assert await rows.count(event_keys) == 4, "a row that is refused leaves no key that would call its retry a repeat"


async def test_close_waits_for_what_was_accepted(inbox: Inbox, gate: Gate, rows: Rows) -> None:
    await inbox.close()
    accepted = [asyncio.create_task(inbox.accept(arrival(body))) for body in (b"one", b"two")]
    await eventually(lambda: gate.sizes != [])
    closing = asyncio.create_task(inbox.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.open()
    await closing
    assert all(task.done() for task in accepted)
    assert await rows.count(events) == 2
