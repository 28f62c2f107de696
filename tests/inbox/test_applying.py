"""P3: stored events are applied once, each on its own, and say what came of them."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from reelhook.db import Database, Tx
from reelhook.db.tables import assets, events, jobs, stream, timeline, videos
from reelhook.errors import Conflict, DatabaseUnavailable
from reelhook.events import VideoSignal
from reelhook.inbox import Inbox
from reelhook.inbox.applying import HINT_WITHOUT_KEY
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs import Failure, Queue
from reelhook.jobs.kinds import ApplyEvents, ConfirmVideo
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, Signals, State
from tests.conftest import START, StillClock
from tests.measured import measured

from .conftest import Rows, arrival


def told(kind: str = "avatar_video.success", video: str = "hv1", **data: Any) -> bytes:
    known = {"video_id": video, "url": f"https://files.heygen.example/{video}.mp4"}
    return orjson.dumps({"event_type": kind, "event_data": known | data})


@pytest.fixture
def lifecycle(clock: StillClock, ids: Ids, queue: Queue) -> Lifecycle:
    return Lifecycle(clock, ids, queue)


@pytest.fixture
def signals(lifecycle: Lifecycle, queue: Queue) -> Signals:
    return Signals(lifecycle, queue, "local")


@pytest.fixture
def handler(db: Database, clock: StillClock, queue: Queue, signals: Signals) -> ApplyHandler:
    return ApplyHandler(db, clock, queue, signals, can_ask=True)


@pytest.fixture
def stored(inbox: Inbox) -> Callable[..., Any]:
    async def store(*bodies: bytes, **other: Any) -> ApplyEvents:
        receipts = [await inbox.accept(arrival(body, **other)) for body in bodies]
        return ApplyEvents(event_ids=tuple(receipt.event_id for receipt in receipts))

    return store


async def test_a_success_makes_the_video_rendered_and_wants_its_file(
    handler: ApplyHandler, stored: Any, rows: Rows, clock: StillClock
) -> None:
    await handler(await stored(told()))
    (event,), (video,), (asset,) = await rows.of(events), await rows.of(videos), await rows.of(assets)
    assert (event.state, event.verdict, event.video_id) == ("applied", "rendered", video.id)
    assert event.applied_at == clock.now()
    assert (video.state, video.heygen_video_id, asset.role) == ("rendered", "hv1", "video")


async def test_an_event_is_applied_once_by_repeated_and_parallel_jobs(
    handler: ApplyHandler, stored: Any, rows: Rows
) -> None:
    work = await stored(told())
    await asyncio.gather(*(handler(work) for _ in range(10)))
    await handler(work)
    assert [(entry.kind) for entry in await rows.of(timeline)] == ["rendering", "rendered"]
    assert (await rows.of(events))[0].verdict == "rendered"


async def test_it_is_measured_once_how_long_an_event_waited_and_passed_on_with_what_it_changed(
    handler: ApplyHandler, stored: Any, rows: Rows, clock: StillClock
) -> None:
    names = ("reelhook_event_applied_seconds_sum", "reelhook_event_applied_seconds_count")
    before = [measured(name) for name in names]
    work = await stored(told(), told(extra=1), told("avatar_video.unheard_of"))
    clock.move(30)
    await handler(work)
    await handler(work)
    assert [measured(name) - was for name, was in zip(names, before, strict=True)] == pytest.approx([30, 1]), (
        "the rest moved nothing"
    )
    assert {row.received_at for row in await rows.of(stream)} == {START}


async def test_a_repeat_under_another_body_is_ignored_and_says_so(
    handler: ApplyHandler, stored: Any, rows: Rows
) -> None:
    await handler(await stored(told(), told(extra=1)))
    first, second = await rows.of(events)
    assert (first.state, second.state) == ("applied", "ignored")
    assert second.verdict.startswith("ignored: the video is already")


async def test_a_repeat_that_brings_a_new_asset_is_applied(handler: ApplyHandler, stored: Any, rows: Rows) -> None:
    await handler(await stored(told(), told(gif_download_url="https://files.heygen.example/a.gif")))
    _, second = await rows.of(events)
    assert second.state == "applied"
    assert second.verdict.endswith("added gif")


@pytest.mark.parametrize("body", [b"\xff", b"[]", b'{"event_type":"live_avatar.success"}', b'{"event_type":"new"}'])
async def test_what_moves_no_video_is_ignored(body: bytes, handler: ApplyHandler, stored: Any, rows: Rows) -> None:
    await handler(await stored(body))
    (event,) = await rows.of(events)
    assert (event.state, event.verdict, event.video_id) == ("ignored", "ignored: this type moves no video", None)
    assert await rows.count(videos) == 0


async def test_a_test_of_our_own_says_so_and_moves_nothing(handler: ApplyHandler, stored: Any, rows: Rows) -> None:
    await handler(await stored(b'{"event_type":"reelhook.test","event_data":{"test_id":"1"}}'))
    (event,) = await rows.of(events)
    assert (event.state, event.verdict) == ("ignored", "ignored: a test of our own")
    assert await rows.count(videos) == 0


async def test_an_event_about_several_clips_gives_each_verdict_once(
    handler: ApplyHandler, stored: Any, rows: Rows
) -> None:
    clips = [{"id": f"c{number}", "status": "completed", "video_url": "https://f.example/c"} for number in range(3)]
    body = orjson.dumps({"event_type": "ai_clipping.success", "event_data": {"id": "job", "clips": clips}})
    await handler(await stored(body))
    (event,) = await rows.of(events)
    made = await rows.of(videos)
    assert (event.verdict, event.video_id, len(made)) == ("rendered", made[0].id, 3)


class Broken:
    """Signals that fail for some videos, as a bug would."""

    def __init__(self, real: Signals, errors: dict[str, Exception]) -> None:
        self._real, self._errors = real, errors
        self.lock = real.lock

    def apply(self, tx: Tx, signal: VideoSignal, **about: Any) -> tuple[str, str]:
        done = self._real.apply(tx, signal, **about)
        if error := self._errors.get(signal.heygen_video_id or ""):
            raise error
        return done


async def test_one_event_that_fails_holds_up_no_other_and_changes_nothing(
    db: Database, clock: StillClock, queue: Queue, signals: Signals, stored: Any, rows: Rows
) -> None:
    broken: Any = Broken(signals, {"hv2": RuntimeError("a bug")})
    work = await stored(told(), told(video="hv2"), told(video="hv3"))
    with pytest.raises(RuntimeError, match="a bug"):
        await ApplyHandler(db, clock, queue, broken, can_ask=True)(work)
    assert [event.state for event in await rows.of(events)] == ["applied", "pending", "applied"]
    assert [video.heygen_video_id for video in await rows.of(videos)] == ["hv1", "hv3"]
    await ApplyHandler(db, clock, queue, signals, can_ask=True)(work)
    assert [event.state for event in await rows.of(events)] == ["applied"] * 3


@pytest.mark.parametrize("order", [("hv1", "hv2"), ("hv2", "hv1")])
async def test_the_failure_that_may_pass_decides(
    order: tuple[str, str], db: Database, clock: StillClock, queue: Queue, signals: Signals, stored: Any
) -> None:
    errors: dict[str, Exception] = {"hv1": DatabaseUnavailable("away"), "hv2": Conflict("never")}
    broken: Any = Broken(signals, errors)
    with pytest.raises(DatabaseUnavailable):
        await ApplyHandler(db, clock, queue, broken, can_ask=True)(await stored(*(told(video=one) for one in order)))


async def test_a_dead_apply_job_leaves_its_reason_on_what_is_pending(
    handler: ApplyHandler, db: Database, stored: Any, rows: Rows
) -> None:
    work = await stored(told(), told(video="hv2"))
    await handler(ApplyEvents(event_ids=work.event_ids[:1]))
    await db.write(lambda tx: handler.on_dead(tx, work, Failure("x", "a bug", False)))
    first, second = await rows.of(events)
    assert (first.state, first.verdict) == ("applied", "rendered")
    assert (second.state, second.verdict) == ("pending", "not applied: a bug")


async def test_a_hint_without_a_key_stays_pending_and_moves_nothing(
    db: Database, clock: StillClock, queue: Queue, signals: Signals, stored: Any, rows: Rows
) -> None:
    work = await stored(told(), source="callback", video_id="v1")
    await ApplyHandler(db, clock, queue, signals, can_ask=False)(work)
    (event,) = await rows.of(events)
    assert (event.state, event.verdict, event.video_id) == ("pending", HINT_WITHOUT_KEY, "v1")
    assert (await rows.count(videos), await rows.count(jobs)) == (0, 1)


async def test_a_hint_with_a_key_becomes_one_question_to_heygen(
    handler: ApplyHandler, db: Database, stored: Any, rows: Rows
) -> None:
    work = await stored(told(), source="callback", video_id="v1")
    await handler(work)
    await handler(work)
    (event,) = await rows.of(events)
    asked = await db.read(lambda conn: list(conn.execute(select(jobs).where(jobs.c.kind == ConfirmVideo.kind))))
    assert [job.payload for job in asked] == [{"video_id": "v1", "event_id": event.id}]
    assert (event.state, await rows.count(videos)) == ("pending", 0)


async def test_an_event_that_is_gone_is_no_trouble(handler: ApplyHandler, db: Database, rows: Rows) -> None:
    await handler(ApplyEvents(event_ids=("no-such-event",)))
    assert await rows.count(events) == 0


async def test_late_events_never_move_a_finished_video_back(
    handler: ApplyHandler, db: Database, stored: Any, rows: Rows
) -> None:
    await handler(await stored(told()))
    await db.write(lambda tx: tx.execute(update(videos).values(state=State.READY)).rowcount)
    await handler(await stored(told(kind="avatar_video.fail", msg="late"), told(url="https://other.example/x")))
    (video,) = await rows.of(videos)
    assert (video.state, video.failure_message) == ("ready", None)
    assert [event.state for event in await rows.of(events)] == ["applied", "ignored", "ignored"]
