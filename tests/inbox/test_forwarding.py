"""Who listens is told of each event of HeyGen's once, in the transaction in which it counts."""

from typing import Any

import pytest

from reelhook.db import Database, Tx
from reelhook.db.tables import events, videos
from reelhook.inbox import Inbox
from reelhook.inbox.arrival import TEST_TYPE
from reelhook.inbox.handler import ApplyHandler
from reelhook.inbox.replay import ReplayHandler
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ApplyEvents, ReplayEvents
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, Signals
from tests.conftest import StillClock

from .conftest import Rows, arrival


class Listening:
    """Both jobs of the inbox, and what was heard."""

    def __init__(self, db: Database, clock: StillClock, ids: Ids, queue: Queue) -> None:
        self.clock, self.heard, self.about, self.refuses = clock, [], [], False
        told = Signals(Lifecycle(clock, ids, queue), queue, "local")
        self.apply = ApplyHandler(db, clock, queue, told, can_ask=True, listener=self.hear)
        self.replay = ReplayHandler(db, clock, queue, told, can_ask=True, listener=self.hear)

    heard: list[tuple[str, bytes]]
    about: list[str | None]

    def hear(self, tx: Tx, event: Any, video_id: str | None) -> None:
        if self.refuses:
            raise RuntimeError
        self.heard.append((event.type, event.body))
        self.about.append(video_id)


@pytest.fixture
def listening(db: Database, clock: StillClock, ids: Ids, queue: Queue) -> Listening:
    return Listening(db, clock, ids, queue)


async def arrived(inbox: Inbox, body: bytes, **other: Any) -> tuple[str, ...]:
    return ((await inbox.accept(arrival(body, **other))).event_id,)


async def test_an_event_is_told_once_however_often_it_is_replayed(listening: Listening, inbox: Inbox) -> None:
    ids = await arrived(inbox, b'{"event_type": "batch.finished"}', type="batch.finished")
    for _ in range(2):
        await listening.apply(ApplyEvents(event_ids=ids))
    listening.clock.move(1)
    await listening.replay(ReplayEvents(event_ids=ids, asked_at=listening.clock.now()))
    assert listening.heard == [("batch.finished", b'{"event_type": "batch.finished"}')]


async def test_it_is_told_with_the_video_it_is_about(listening: Listening, inbox: Inbox, rows: Rows) -> None:
    body = b'{"event_type": "avatar_video.fail", "event_data": {"video_id": "hv1"}}'
    await listening.apply(ApplyEvents(event_ids=await arrived(inbox, body, type="avatar_video.fail")))
    assert listening.about == [video.id for video in await rows.of(videos)]


async def test_a_hint_and_a_test_of_our_own_are_not_told(listening: Listening, inbox: Inbox) -> None:
    hint = await arrived(inbox, b"{}", source="callback", video_id="v1")
    test = await arrived(inbox, b'{"event_type": "reelhook.test"}', type=TEST_TYPE)
    await listening.apply(ApplyEvents(event_ids=hint + test))
    assert listening.heard == []


async def test_an_event_that_could_not_be_told_was_not_applied(listening: Listening, inbox: Inbox, rows: Rows) -> None:
    ids = await arrived(inbox, b'{"event_type": "batch.finished"}', type="batch.finished")
    listening.refuses = True
    with pytest.raises(RuntimeError):
        await listening.apply(ApplyEvents(event_ids=ids))
    assert [event.state for event in await rows.of(events)] == ["pending"]
    listening.refuses = False
    await listening.replay(ReplayEvents(event_ids=ids, asked_at=listening.clock.now()))
    assert len(listening.heard) == 1
