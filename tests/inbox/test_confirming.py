"""P8: a hint is believed when HeyGen says the same, and not before."""

from typing import Any

import pytest

from reelhook.db import Database, Tx
from reelhook.db.tables import assets, events, stream, videos
from reelhook.heygen import HeyGen, RemoteVideo
from reelhook.inbox import Inbox
from reelhook.inbox.handler import ConfirmHandler, NotConfirmed
from reelhook.jobs import Destinations, Effect, Failure, Postpone, Queue
from reelhook.jobs.kinds import ConfirmVideo
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, Signals, State
from reelhook.videos.states import FailedBy
from tests.conftest import StillClock
from tests.measured import measured

from .conftest import Rows, arrival

URL = "https://files.heygen.example/v.mp4"


class Answers(HeyGen):
    """HeyGen as far as this room sees it: one answer about one video. Its wire is tested in its own room."""

    def __init__(self, **answer: Any) -> None:
        self.asked: list[tuple[str, str]] = []
        self._says = answer

    async def get_video(self, kind: str, heygen_id: str) -> RemoteVideo:
        self.asked.append((kind, heygen_id))
        return RemoteVideo(heygen_id, raw_status=self._says["status"], **self._says)


class Scene:
    """One video, one hint about it, and a handler that can ask."""

    def __init__(self, db: Database, clock: StillClock, ids: Ids, inbox: Inbox) -> None:
        queue = Queue(clock, ids)
        self.db, self.clock, self.ids, self.inbox = db, clock, ids, inbox
        self.lifecycle = Lifecycle(clock, ids, queue)
        self.signals = Signals(self.lifecycle, queue, "local")
        self.video_id = ""

    async def hint(self, **video: Any) -> ConfirmVideo:
        known = {"kind": "avatar_video", "store": "local", "message": "asked", "state": State.RENDERING}
        values = known | {"heygen_video_id": "hv1"} | video
        self.video_id = await self.db.write(lambda tx: self.lifecycle.create(tx, **values))
        receipt = await self.inbox.accept(arrival(b"{}", source="callback", video_id=self.video_id))
        return ConfirmVideo(video_id=self.video_id, event_id=receipt.event_id)

    def handler(self, heygen: HeyGen | None) -> ConfirmHandler:
        destinations = Destinations(self.clock, self.ids)
        return ConfirmHandler(self.db, self.clock, self.lifecycle, self.signals, heygen, destinations)

    async def commit(self, effect: Effect | None) -> None:
        assert effect is not None
        await self.db.write(effect)


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids, inbox: Inbox) -> Scene:
    return Scene(db, clock, ids, inbox)


async def test_heygens_yes_moves_the_video_and_brings_its_files(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    heygen = Answers(status="completed", url=URL, thumbnail_url="https://files.heygen.example/p.jpg")
    waited = measured("reelhook_event_applied_seconds_count")
    await scene.commit(await scene.handler(heygen)(work))
    (event,), (video,) = await rows.of(events), await rows.of(videos)
    assert heygen.asked == [("avatar_video", "hv1")]
    assert (video.state, video.source_url) == ("rendered", URL)
    assert (event.state, event.verdict) == ("applied", "confirmed by HeyGen: rendered; added poster")
    assert {asset.role for asset in await rows.of(assets)} == {"video", "poster"}
    assert measured("reelhook_event_applied_seconds_count") == waited + 1
    assert (await rows.of(stream))[-1].received_at == event.received_at


async def test_heygens_no_fails_the_video(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    heygen = Answers(status="failed", failure_code="c", failure_message="not enough credit", thumbnail_url=URL)
    await scene.commit(await scene.handler(heygen)(work))
    (event,), (video,) = await rows.of(events), await rows.of(videos)
    assert (video.state, video.failed_by, video.failure_message) == ("failed", "heygen", "not enough credit")
    assert (event.state, event.verdict) == ("applied", "confirmed by HeyGen: failed")


async def test_not_yet_is_asked_again_and_moves_nothing(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    with pytest.raises(NotConfirmed) as raised:
        await scene.handler(Answers(status="waiting"))(work)
    assert raised.value.retryable
    assert [(event.state, event.verdict) for event in await rows.of(events)] == [("pending", None)]


async def test_who_is_never_confirmed_is_ignored_with_the_reason(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    handler = scene.handler(Answers(status="waiting"))
    await scene.db.write(lambda tx: handler.on_dead(tx, work, Failure("not_confirmed", "not finished", True)))
    (event,), (video,) = await rows.of(events), await rows.of(videos)
    assert (event.state, event.verdict, video.state) == ("ignored", "not confirmed: not finished", "rendering")


async def test_a_hint_about_what_is_known_already_is_ignored(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    handler = scene.handler(Answers(status="completed", url=URL))
    await scene.commit(await handler(work))
    second = await scene.inbox.accept(arrival(b"{2}", source="callback", video_id=scene.video_id))
    await scene.commit(await handler(ConfirmVideo(video_id=scene.video_id, event_id=second.event_id)))
    _, event = await rows.of(events)
    assert event.state == "ignored"
    assert event.verdict == "confirmed by HeyGen: ignored: the video is already rendered"


async def test_a_hint_that_was_applied_stays_so_when_it_is_confirmed_again(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    handler = scene.handler(Answers(status="completed", url=URL))
    await scene.commit(await handler(work))
    await scene.commit(await handler(work))
    (event,) = await rows.of(events)
    assert (event.state, event.verdict, event.replay_verdict) == ("applied", "confirmed by HeyGen: rendered", None)


async def test_a_deleted_video_settles_the_hint(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()

    def delete(tx: Tx) -> None:
        scene.lifecycle.delete(tx, scene.video_id)

    await scene.db.write(delete)
    heygen = Answers(status="completed")
    await scene.commit(await scene.handler(heygen)(work))
    (event,) = await rows.of(events)
    assert (event.state, event.verdict, heygen.asked) == ("ignored", "the video was deleted", [])


async def test_without_a_key_the_hint_stays_as_it_is(scene: Scene, rows: Rows) -> None:
    assert await scene.handler(None)(await scene.hint()) is None
    assert (await rows.of(events))[0].state == "pending"


async def test_a_video_that_heygen_has_not_named_yet_is_waited_for(scene: Scene) -> None:
    work = await scene.hint(heygen_video_id=None, state=State.REQUESTED)
    with pytest.raises(Postpone):
        await scene.handler(Answers(status="completed"))(work)


async def test_a_video_that_heygen_never_accepted_is_not_waited_for(scene: Scene, rows: Rows) -> None:
    work = await scene.hint(heygen_video_id=None, state=State.REQUESTED)
    await scene.db.write(lambda tx: scene.lifecycle.fail(tx, scene.video_id, FailedBy.HEYGEN, "c", "refused"))
    await scene.commit(await scene.handler(Answers(status="completed"))(work))
    assert (await rows.of(events))[0].verdict == "HeyGen never accepted this video"


async def test_a_question_that_no_event_caused_settles_only_the_video(scene: Scene, rows: Rows) -> None:
    work = await scene.hint()
    await scene.commit(await scene.handler(Answers(status="completed", url=URL))(ConfirmVideo(video_id=work.video_id)))
    assert (await rows.of(videos))[0].state == "rendered"
    assert (await rows.of(events))[0].state == "pending"
