"""What arrived is kept for its time, and never let go while it may still matter."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from reelhook.db import Database
from reelhook.db.tables import delivery_attempts, event_keys, events, rejection_counts, rejections, videos
from reelhook.inbox import Rejections
from reelhook.inbox.retention import sweeps
from reelhook.kit.ids import Ids
from reelhook.settings import Settings
from reelhook.videos import State
from tests.conftest import StillClock
from tests.sweeping import swept

from .replaying import Scene, told
from .test_rejections import rejection

DAY = 86_400


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


def prune(scene: Scene, **settings: Any) -> dict[str, int]:
    return swept(scene.db, sweeps(Settings(**settings), scene.clock.now()), most=2)


async def test_old_events_go_with_their_deliveries(scene: Scene) -> None:
    old = await scene.applied(b"1", b"2", b"3")
    await scene.stored(b"2")  # a repeat
    scene.clock.move(60 * DAY)
    (young,) = await scene.applied(b"4")
    scene.clock.move(31 * DAY)
    assert prune(scene) == {"events": 3, "event_keys": 4}
    assert [event.id for event in await scene.rows(events)] == [young]
    assert [attempt.event_id for attempt in await scene.rows(delivery_attempts)] == [young]
    assert prune(scene) == {}
    assert young not in old


async def test_pending_events_stay_however_old_or_many(scene: Scene) -> None:
    (pending,) = await scene.stored(told())
    (hint,) = await scene.stored(b"{}", source="callback", video_id="v")
    await scene.applied(b"1", b"2")
    scene.clock.move(900 * DAY)
    prune(scene, most_events=1)
    assert [event.id for event in await scene.rows(events)] == [pending, hint]
    assert [attempt.event_id for attempt in await scene.rows(delivery_attempts)] == [pending, hint]


@pytest.mark.parametrize("state", list(State))
async def test_events_of_an_unfinished_video_stay(state: State, scene: Scene) -> None:
    await scene.applied(told())
    await scene.db.write(lambda tx: tx.execute(update(videos).values(state=state)).rowcount)
    scene.clock.move(900 * DAY)
    finished = state in (State.READY, State.FAILED, State.UNARCHIVED)
    assert ("events" in prune(scene, most_events=1)) is finished


async def test_events_of_a_deleted_video_go(scene: Scene) -> None:
    await scene.applied(told())
    (video,) = await scene.rows(videos)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video.id))
    scene.clock.move(91 * DAY)
    assert prune(scene)["events"] == 1


async def test_of_too_many_events_the_newest_stay(scene: Scene) -> None:
    event_ids = await scene.applied(*(b"%d" % number for number in range(7)))
    assert prune(scene, most_events=3) == {"events": 4}
    assert [event.id for event in await scene.rows(events)] == list(event_ids[4:])


async def test_a_repeat_of_an_event_that_is_gone_is_recognised_and_its_delivery_goes_in_time(scene: Scene) -> None:
    (gone,) = await scene.applied(b"1")
    await scene.applied(b"2")
    prune(scene, most_events=1)
    assert await scene.stored(b"1") == (gone,), "its keys are still there"
    assert [attempt.event_id for attempt in await scene.rows(delivery_attempts)].count(gone) == 1
    scene.clock.move(91 * DAY)
    gone_with_it = {"events": 1, "delivery_attempts": 1, "event_keys": 2}
    assert prune(scene) == gone_with_it | {"schema_drift": 1}, "that its body is no object"
    assert await scene.rows(delivery_attempts) == []


async def test_keys_go_after_their_own_time(scene: Scene) -> None:
    await scene.stored(b"1")
    scene.clock.move(7 * DAY)
    await scene.stored(b"2")
    scene.clock.move(1)
    assert prune(scene) == {"event_keys": 1}
    assert len(await scene.rows(event_keys)) == 1


async def test_rejections_go_by_age_and_by_number(scene: Scene) -> None:
    kept = Rejections(scene.db, scene.clock, scene.ids)
    for _ in range(6):
        scene.clock.move(DAY)
        await kept.keep(rejection(at=scene.clock.now()))
    assert prune(scene, most_rejections=5) == {"rejections": 1}
    scene.clock.move(28 * DAY)
    assert prune(scene) == {"rejections": 2}
    ages = [scene.clock.now() - row.at for row in await scene.rows(rejections)]
    assert ages == [timedelta(days=days) for days in (30, 29, 28)]


async def test_counts_of_rejections_go_by_age(scene: Scene) -> None:
    kept = Rejections(scene.db, scene.clock, scene.ids)
    for day in range(3):
        for reason in ("a", "b", "c"):  # several of one hour, which go together
            kept.counts.count(scene.clock.now() + timedelta(days=day), "heygen", reason, kept=False)
    await kept.counts.flush()
    scene.clock.move(31 * DAY + 1)
    assert prune(scene) == {"rejection_counts": 6}
    assert {row.hour for row in await scene.rows(rejection_counts)} == {
        scene.clock.now() - timedelta(days=29, seconds=1)
    }
