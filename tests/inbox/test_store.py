"""What one batch does to the tables: recognising repeats by either key, and keeping bytes as they came."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import event as sqlalchemy_event

from reelhook.db import Database
from reelhook.db.tables import delivery_attempts, event_keys, events, jobs
from reelhook.inbox import Arrival
from reelhook.inbox.arrival import stored_headers
from reelhook.inbox.retention import sweeps
from reelhook.settings import Settings
from tests.conftest import START
from tests.sweeping import swept

from .conftest import Rows, arrival

Commit = Callable[..., Any]


async def test_the_same_body_is_a_duplicate(commit: Commit) -> None:
    (first,) = await commit(arrival(b"x"))
    (second,) = await commit(arrival(b"x"))
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.event_id == first.event_id


async def test_the_same_bytes_at_another_door_are_another_event(commit: Commit) -> None:
    receipts = await commit(arrival(b"x"), arrival(b"x", endpoint="callback:v1"), arrival(b"x", endpoint="callback:v2"))
    assert len({receipt.event_id for receipt in receipts}) == 3


async def test_the_same_event_id_is_a_duplicate_whatever_the_body(commit: Commit, rows: Rows) -> None:
    (first,) = await commit(arrival(b"x", event_id="e"))
    (second,) = await commit(arrival(b"y", event_id="e"))
    assert (second.event_id, second.duplicate) == (first.event_id, True)
    assert [event.body for event in await rows.of(events)] == [b"x"]


async def test_a_known_id_makes_its_new_body_known(commit: Commit, rows: Rows) -> None:
    (first,) = await commit(arrival(b"x", event_id="e"))
    await commit(arrival(b"y", event_id="e"))
    (third,) = await commit(arrival(b"y"))
    assert (third.event_id, third.duplicate) == (first.event_id, True)
    assert {key.event_id for key in await rows.of(event_keys)} == {first.event_id}


async def test_a_known_body_makes_its_new_id_known(commit: Commit) -> None:
    (first,) = await commit(arrival(b"x"))
    await commit(arrival(b"x", event_id="e"))
    (third,) = await commit(arrival(b"z", event_id="e"))
    assert (third.event_id, third.duplicate) == (first.event_id, True)


async def test_within_one_batch_either_key_is_enough(commit: Commit, rows: Rows) -> None:
    receipts = await commit(
        arrival(b"x", event_id="e"), arrival(b"y", event_id="e"), arrival(b"y"), arrival(b"x", event_id="f")
    )
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert [receipt.duplicate for receipt in receipts] == [False, True, True, True]
    assert await rows.count(events) == 1


async def test_old_and_new_in_one_batch_are_told_apart(commit: Commit, rows: Rows) -> None:
    (old,) = await commit(arrival(b"old", event_id="o"))
    receipts = await commit(arrival(b"new"), arrival(b"old"), arrival(b"other", event_id="o"), arrival(b"new"))
    assert [receipt.duplicate for receipt in receipts] == [False, True, True, True]
    assert receipts[1].event_id == receipts[2].event_id == old.event_id
    assert receipts[0].event_id == receipts[3].event_id != old.event_id
    first, second = await rows.of(jobs)
    assert (first.payload, second.payload) == (
        {"event_ids": [old.event_id]},
        {"event_ids": [receipts[0].event_id]},
    )


async def test_a_batch_of_repeats_makes_no_job(commit: Commit, rows: Rows) -> None:
    await commit(arrival(b"x"))
    await commit(arrival(b"x"), arrival(b"x"))
    assert await rows.count(jobs) == 1
    assert [attempt.duplicate for attempt in await rows.of(delivery_attempts)] == [False, True, True]


async def test_ids_crossed_over_two_bodies_swallow_neither_and_end(commit: Commit, rows: Rows) -> None:
    """Header ids are not signed: whoever replays two bodies with their ids exchanged must not melt them into one."""
    receipts = await commit(
        arrival(b"x", event_id="f"),
        arrival(b"y", event_id="e"),
        arrival(b"x", event_id="e"),
        arrival(b"y", event_id="f"),
    )
    first, second, third, fourth = (receipt.event_id for receipt in receipts)
    assert (third, fourth) == (first, second)
    assert first != second
    assert sorted(event.body for event in await rows.of(events)) == [b"x", b"y"]


async def test_keys_are_inserted_in_sorted_order(commit: Commit, db: Database) -> None:
    """Two writers with unsorted batches would deadlock on Postgres."""
    seen: list[list[str]] = []

    def watch(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.startswith("INSERT INTO event_keys"):
            seen.append([key for key, *_ in parameters] if db.is_sqlite else parameters[0])

    sqlalchemy_event.listen(db._writer, "before_cursor_execute", watch)
    await commit(*(arrival(str(number).encode(), event_id=f"id-{99 - number}") for number in range(50)))
    keys = [key for batch in seen for key in batch]
    assert len(keys) == 100
    assert keys == sorted(keys)


ODD = {
    "not utf-8": b"\xff\xfe\x00\x80",
    "nul": b'{"a":"\x00"}',
    "empty": b"",
    "a lone surrogate": b'{"a":"\\ud800"}',
    "every byte": bytes(range(256)),
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
async def test_bodies_are_kept_byte_for_byte(body: bytes, commit: Commit, rows: Rows) -> None:
    await commit(arrival(body))
    (event,) = await rows.of(events)
    assert event.body == body


async def test_text_with_nul_and_lone_surrogates_is_made_storable(commit: Commit, rows: Rows) -> None:
    await commit(arrival(b"x", type="a\x00b\ud800", resource_id="r\x00\udfff", event_id="e\x00\ud800"))
    (event,) = await rows.of(events)
    assert (event.type, event.resource_id, event.heygen_event_id) == ("ab", "r", "e")
    assert (await commit(arrival(b"y", event_id="e")))[0].duplicate


async def test_an_event_id_of_nothing_storable_is_no_key(commit: Commit) -> None:
    receipts = await commit(arrival(b"x", event_id="\x00"), arrival(b"y", event_id="\ud800"))
    assert [receipt.duplicate for receipt in receipts] == [False, False]


async def test_an_id_too_long_for_an_index_is_cut_between_characters(commit: Commit, rows: Rows) -> None:
    await commit(arrival(b"x", type="t" * 5000, resource_id="a" + "\N{CLAPPER BOARD}" * 512))
    (event,) = await rows.of(events)
    assert len(event.type) == 1000
    assert event.resource_id == "a" + "\N{CLAPPER BOARD}" * 249


def test_headers_are_kept_as_they_came_but_for_credentials() -> None:
    headers = ((b"X-Odd", b"\xff\x00"), (b"x-odd", b"again"), (b"Authorization", b"Bearer s"), (b"cookie", b"s"))
    headers += ((b"x-api-key", b"s"), (b"proxy-authorization", b"s"))
    kept = orjson.loads(stored_headers(headers))
    assert kept[:2] == [["X-Odd", "\xff\x00"], ["x-odd", "again"]]
    assert {value for _, value in kept[2:]} == {"***"}


async def test_forgotten_keys_recognise_nothing_any_more(commit: Commit, db: Database) -> None:
    await commit(arrival(b"old", event_id="o"))
    await commit(arrival(b"young", received_at=START + timedelta(days=2)))
    config = Settings(dedup_days=1)
    assert swept(db, sweeps(config, START + timedelta(days=2))) == {"event_keys": 2}
    receipts = await commit(arrival(b"old"), arrival(b"young"))
    assert [receipt.duplicate for receipt in receipts] == [False, True]


def test_an_arrivals_surer_key_comes_first() -> None:
    keys = Arrival("d", "webhook", b"", (), START, "t", event_id="a").keys
    assert [key.split(":")[0] for key in keys] == ["body", "event"]
