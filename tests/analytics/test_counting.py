"""The job that counts says what a count of the rows says, in whatever order they came and however often it runs."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from reelhook.analytics import counting
from reelhook.analytics.rows import counted_until
from reelhook.analytics.sources import SOURCES
from reelhook.db import tables as t
from tests.analytics.past import Fact, Past
from tests.conftest import START, StillClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def kept(past: Past, step: str = "hour") -> Counter[Fact]:
    table = t.numbers.c
    query = select(table.metric, table.start, table.name, table.detail, table.count).where(table.step == step)
    rows = await past.db.read(lambda conn: list(conn.execute(query)))
    return Counter({(row[0], row[1], row[2], row[3]): row[4] for row in rows})


def by_day(facts: Counter[Fact]) -> Counter[Fact]:
    days: Counter[Fact] = Counter()
    for (metric, hour, name, detail), times in facts.items():
        days[metric, hour.replace(hour=0), name, detail] += times
    return days


async def test_the_numbers_are_those_of_the_rows_late_out_of_order_and_twice(past: Past) -> None:
    chance, start = random.Random(7), START - 5 * HOUR
    for _ in range(6):
        past.anything(chance, start, 2)
    await past.write()
    await past.count()
    for _ in range(4):
        past.anything(chance, start, 2)
    await past.write()
    await past.count()  # nothing is over since: what came late is found by a later look
    assert await kept(past) != past.facts
    await past.skip_to(start + DAY)
    past.clock.move(24 * 3600)
    await past.count()
    await past.skip_to(start + DAY)
    await past.count()
    assert await kept(past) == past.facts
    assert await kept(past, "day") == by_day(past.facts)
    assert {metric for metric, *_ in past.facts} == set(SOURCES)


async def test_an_hour_is_counted_when_it_is_over_and_no_sooner(past: Past, clock: StillClock) -> None:
    past.event(START + timedelta(minutes=10))
    await past.write()
    clock.move(3600 + 59)
    await past.count()
    assert not await kept(past)
    clock.move(1)
    await past.count()
    assert await kept(past) == past.facts


async def test_what_was_pruned_or_deleted_since_has_happened_all_the_same(past: Past, clock: StillClock) -> None:
    past.event(START)
    past.video(START)
    await past.write()
    clock.move(3 * 3600)
    await past.count()
    for table in (t.events, t.videos):
        await past.db.write(lambda tx, table=table: tx.execute(delete(table)) and None)  # type: ignore[misc]
    await past.skip_to(START + DAY)
    clock.move(25 * 3600)
    await past.count()
    assert await kept(past) == past.facts


async def test_an_event_that_heygen_sent_after_all_was_not_missed(past: Past, clock: StillClock) -> None:
    event_id = past.recovered(START)
    await past.write()
    clock.move(3600 + 60)
    await past.count()
    assert (await kept(past))["recovered", START, "avatar_video.success", ""] == 1
    past.delivered(event_id, START + HOUR / 2)
    await past.write()
    await past.skip_to(START + DAY)
    clock.move(25 * 3600)
    await past.count()
    found = await kept(past)
    assert found["accepted", START, "avatar_video.success", "reconcile"] == 1
    assert found["duplicates", START, "", ""] == 1


async def test_a_video_that_had_failed_and_came_after_all_is_said_to(past: Past, clock: StillClock) -> None:
    past.failed(START)
    await past.write()
    await past.db.write(lambda tx: tx.execute(update(t.videos).values(failed_by=None, failure_code=None)) and None)
    clock.move(3600 + 60)
    await past.count()
    assert (await kept(past))["failed", START, "unknown", "came_after_all"] == 1


async def test_a_run_that_takes_long_goes_on_in_the_next(
    past: Past, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.event(START - 8 * HOUR)
    past.event(START - 2 * HOUR)
    await past.write()
    monkeypatch.setattr(counting, "LONGEST_S", 0.5)
    monkeypatch.setattr(clock, "monotonic", iter(range(1000)).__next__)
    until: list[datetime | None] = []
    for _ in range(2):
        await past.count()
        until.append(await past.db.read(counted_until))
    assert until == [None, None]  # no time for even one
    monkeypatch.setattr(counting, "LONGEST_S", 3.5)
    await past.count()
    assert await past.db.read(counted_until) == START - 5 * HOUR
    monkeypatch.setattr(counting, "LONGEST_S", 1e9)
    await past.count()
    assert await kept(past) == past.facts
