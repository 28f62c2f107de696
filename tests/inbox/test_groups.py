"""Events that are applied in one transaction: what comes of them is what would come of each by itself, for less."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event, select

from reelhook.db import Database
from reelhook.db.tables import assets, delivery_attempts, event_keys, events, jobs, stream, timeline, videos
from reelhook.inbox import applying
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs.kinds import ApplyEvents
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, counting_bytes, examples

from .replaying import Scene, told
from .test_any_replay import KINDS, outcome

deliveries = st.lists(st.tuples(st.sampled_from(["hv1", "hv2", "hv3"]), st.sampled_from(sorted(KINDS))), max_size=12)
groups = st.lists(deliveries, max_size=4)


def apply(db: Database, jobs_of: Sequence[Sequence[bytes]]) -> list[Any]:
    """What comes of events of which each job has some."""
    for table in (events, event_keys, delivery_attempts, jobs, stream, timeline, assets, videos):
        db.write_now(lambda tx, table=table: tx.execute(delete(table)))
    clock = StillClock()
    scene = Scene(db, clock, Ids(clock, counting_bytes()))

    async def work() -> list[Any]:
        for bodies in jobs_of:
            await scene.applied(*bodies)
        return await db.read(lambda conn: [*outcome(conn), shown(conn)])

    return asyncio.run(work())


def shown(conn: Connection) -> list[tuple[str, str]]:
    """What browsers are told, in its order."""
    said = conn.execute(select(stream.c.data).order_by(stream.c.id)).scalars()
    return [(video["heygen_video_id"], video["state"]) for video in (orjson.loads(one)["video"] for one in said)]


def bodies(of: Sequence[tuple[str, str]], first: int) -> list[bytes]:
    filled = [
        (name, {key: value.format(first + n) for key, value in KINDS[kind].items()})
        for n, (name, kind) in enumerate(of)
    ]
    return [told(video=name, number=first + n, **about) for n, (name, about) in enumerate(filled)]


@given(groups)
@settings(max_examples=examples(25), deadline=None)
def test_a_group_gives_what_its_events_would_give_one_by_one(own: Database, came: list[list[tuple[str, str]]]) -> None:
    together = [bodies(one, 100 * number) for number, one in enumerate(came)]
    assert apply(own, together) == apply(own, [[body] for group in together for body in group])


async def test_an_event_of_a_group_costs_a_few_statements(db: Database, clock: StillClock, ids: Ids) -> None:
    scene, seen = Scene(db, clock, ids), list[str]()
    engine = db.write_now(lambda tx: tx.conn.engine)
    few, many = [await scene.stored(*(told(video=f"{n} of {count}") for n in range(count))) for count in (1, 31)]
    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: seen.append(statement))
    await scene.apply(*few)
    alone = len(seen)
    await scene.apply(*many)
    assert (len(seen) - 2 * alone) / 30 <= 7


async def test_many_events_are_more_than_one_group(
    db: Database, clock: StillClock, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "GROUP", 2)
    scene = Scene(db, clock, ids)
    await scene.applied(*(told(video=f"hv{n}") for n in range(5)))
    assert [row.state for row in await scene.rows(videos)] == ["rendered"] * 5


async def test_no_more_groups_are_on_their_way_than_can_be_written_at_once(
    db: Database, clock: StillClock, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, now, most, all_at_once = Scene(db, clock, ids), 0, 0, asyncio.Event()
    handler = ApplyHandler(db, clock, scene.queue, scene.signals, can_ask=False)
    work = [ApplyEvents(event_ids=await scene.stored(told(video=f"hv{n}"))) for n in range(6)]
    write = db.write

    async def counted(apply: Any, **limit: Any) -> Any:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == db.writers:
            all_at_once.set()
        try:
            await asyncio.wait_for(all_at_once.wait(), 30)
            return await write(apply, **limit)
        finally:
            now -= 1

    monkeypatch.setattr(db, "write", counted)
    await asyncio.gather(*map(handler, work))
    assert most == db.writers
    assert len(await scene.rows(videos)) == 6
