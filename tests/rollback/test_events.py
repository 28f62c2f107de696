"""Arrivals and what they do to videos: committed whole, or not at all."""

import asyncio
from contextvars import copy_context
from functools import partial
from typing import Any

import orjson
import pytest

from reelhook.db.tables import delivery_attempts, event_keys, events, jobs
from reelhook.errors import DatabaseUnavailable
from reelhook.heygen import HeyGen, RemoteVideo
from reelhook.inbox import Arrival, Inbox, store
from reelhook.inbox.handler import ApplyHandler, ConfirmHandler
from reelhook.jobs import Destinations, Failure
from reelhook.jobs.kinds import ConfirmVideo
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.realtime.log import SIGNAL as STREAM
from reelhook.videos import State
from tests.inbox.conftest import arrival
from tests.jobs.scene import LEASE
from tests.rollback.breaking import AWAY, BAD_ROW, Breaker, Fault, changed, everything
from tests.videos.scene import LINK, Scene

CLIPS = {
    "id": "job-1",
    "clips": [
        {"id": "c1", "status": "completed", "video_url": LINK, "thumbnail_url": LINK},
        {"id": "c2", "status": "failed", "failure_message": "No speech in it"},
    ],
}


def told(kind: str, **data: Any) -> Arrival:
    return arrival(orjson.dumps({"event_type": kind, "event_data": {"video_id": "hg-1"} | data}), type=kind)


def commit(scene: Scene, *arrivals: Arrival) -> list[str]:
    receipts = scene.db.write_now(lambda tx: store.commit(tx, arrivals, scene.ids, scene.queue))
    return [receipt.event_id for receipt in receipts]


def mixed(word: str) -> tuple[Arrival, ...]:
    """New ones, one twice, one that came before under its own id, and one whose body is new and whose id is not."""
    known = arrival(b"known", event_id="e-known")
    return (
        arrival(f"{word} 1".encode(), event_id=f"{word}-1"),
        arrival(f"{word} 2".encode()),
        arrival(f"{word} 2".encode()),
        known,
        arrival(f"{word} 3".encode(), event_id="e-known"),
    )


async def test_a_mixed_batch(scene: Scene, breaker: Breaker) -> None:
    commit(scene, arrival(b"known", event_id="e-known"))
    batch = mixed("a")

    async def act() -> None:
        await scene.db.write(lambda tx: store.commit(tx, batch, scene.ids, scene.queue))

    assert await breaker.in_turn(act) == {JOBS}


async def test_a_batch_that_breaks_is_refused_to_every_sender_and_taken_whole_when_they_come_again(
    scene: Scene, breaker: Breaker
) -> None:
    commit(scene, arrival(b"known", event_id="e-known"))
    inbox, batch = Inbox(scene.db, scene.ids, scene.queue), mixed("a")
    before, at = everything(scene.db), 0
    while True:
        at += 1
        with breaker.breaking(Fault(AWAY, at)) as fault:
            answers = await asyncio.gather(*map(inbox.accept, batch), return_exceptions=True)
        if fault.struck is None:
            break
        assert {type(answer) for answer in answers} == {DatabaseUnavailable}
        assert changed(before, everything(scene.db)) == []
    assert [answer.duplicate for answer in answers] == [False, False, True, True, True]  # type: ignore[union-attr]


async def test_a_batch_that_breaks_on_a_row_is_taken_one_by_one_and_nothing_twice(
    scene: Scene, breaker: Breaker
) -> None:
    commit(scene, arrival(b"known", event_id="e-known"))
    inbox, at = Inbox(scene.db, scene.ids, scene.queue), 0
    struck: str | None = "not yet"
    while struck:
        at += 1
        with breaker.breaking(Fault(BAD_ROW, at)) as fault:
            receipts = await asyncio.gather(*map(inbox.accept, mixed(f"try {at}")))
        struck = fault.struck
        assert [receipt.duplicate for receipt in receipts] == [False, False, True, True, True]
        stored = {row.id for row in scene.rows(events)}
        assert {receipt.event_id for receipt in receipts} <= stored
        work = [event_id for job in scene.rows(jobs) for event_id in job.payload["event_ids"]]
        assert sorted(work) == sorted(stored), "each event is in one job"
        assert len(stored) == 1 + 2 * at
        keys = scene.db.write_now(lambda tx: tx.execute(event_keys.select()).fetchall())
        assert {key.event_id for key in keys} == stored
        assert len(scene.rows(delivery_attempts)) == 1 + 5 * at


@pytest.mark.parametrize(
    ("kind", "data", "announced"),
    [
        ("avatar_video.success", {"url": LINK, "gif_download_url": LINK}, {JOBS, STREAM}),
        ("avatar_video.success", {"video_id": "new", "url": LINK, "title": "New"}, {JOBS, STREAM}),
        ("avatar_video.fail", {"msg": "No such voice"}, {JOBS, STREAM}),
        ("avatar_video_gif.success", {"gif_download_url": LINK}, {JOBS}),
        ("avatar_video_caption.success", {}, {JOBS}),
        ("ai_clipping.success", CLIPS, {JOBS, STREAM}),
        ("avatar_video.retired", {}, set()),
    ],
)
async def test_an_event(scene: Scene, breaker: Breaker, kind: str, data: dict[str, Any], announced: set[str]) -> None:
    scene.create(State.RENDERING, heygen_video_id="hg-1")
    (event_id,) = commit(scene, told(kind, **data))
    handler = ApplyHandler(scene.db, scene.clock, scene.queue, scene.told, can_ask=True)
    assert await breaker.in_turn(partial(apply, scene, handler, event_id)) == announced


@pytest.mark.parametrize("can_ask", [True, False])
async def test_a_hint(scene: Scene, breaker: Breaker, can_ask: bool) -> None:
    video_id = scene.create(State.RENDERING, heygen_video_id="hg-1")
    (event_id,) = commit(scene, arrival(b"{}", source="callback", video_id=video_id))
    handler = ApplyHandler(scene.db, scene.clock, scene.queue, scene.told, can_ask=can_ask)
    assert await breaker.in_turn(partial(apply, scene, handler, event_id)) == ({JOBS} if can_ask else set())


async def apply(scene: Scene, handler: ApplyHandler, event_id: str) -> None:
    await scene.db.write(lambda tx: handler._apply(tx, [(event_id, copy_context())]))


async def test_events_that_could_not_be_applied(scene: Scene, breaker: Breaker) -> None:
    commit(scene, told("avatar_video.success"), told("avatar_video.fail"))
    handler = ApplyHandler(scene.db, scene.clock, scene.queue, scene.told, can_ask=True)
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    failure = Failure("unexpected", "it always breaks", False)

    async def act() -> None:
        await scene.db.write(lambda tx: handler.on_dead(tx, job.work(), failure))  # type: ignore[arg-type]

    await breaker.in_turn(act)


class Answers(HeyGen):
    """HeyGen, as far as it is asked here."""

    def __init__(self, status: Any, **answer: Any) -> None:
        self._says = RemoteVideo("hg-1", status, status, **answer)

    async def get_video(self, kind: str, heygen_id: str) -> RemoteVideo:
        return self._says


@pytest.mark.parametrize(
    ("heygen", "announced"),
    [
        (Answers("completed", url=LINK, thumbnail_url=LINK), {JOBS, STREAM}),
        (Answers("failed", failure_code="c", failure_message="No such voice"), {STREAM}),
    ],
)
async def test_a_hint_that_heygen_confirms(scene: Scene, breaker: Breaker, heygen: HeyGen, announced: set[str]) -> None:
    video_id = scene.create(State.RENDERING, heygen_video_id="hg-1")
    (event_id,) = commit(scene, arrival(b"{}", source="callback", video_id=video_id))
    handler = ConfirmHandler(
        scene.db, scene.clock, scene.lifecycle, scene.told, heygen, Destinations(scene.clock, scene.ids)
    )
    work = ConfirmVideo(video_id=video_id, event_id=event_id)

    async def act() -> None:
        effect = await handler(work)
        assert effect is not None
        await scene.db.write(effect)

    assert await breaker.in_turn(act) == announced


async def test_a_hint_that_nobody_confirms(scene: Scene, breaker: Breaker) -> None:
    video_id = scene.create(State.RENDERING, heygen_video_id="hg-1")
    (event_id,) = commit(scene, arrival(b"{}", source="callback", video_id=video_id))
    handler = ConfirmHandler(
        scene.db, scene.clock, scene.lifecycle, scene.told, Answers("waiting"), Destinations(scene.clock, scene.ids)
    )
    failure = Failure("not_confirmed", "HeyGen says the video is not finished", True)

    async def act() -> None:
        work = ConfirmVideo(video_id=video_id, event_id=event_id)
        await scene.db.write(lambda tx: handler.on_dead(tx, work, failure))

    await breaker.in_turn(act)
