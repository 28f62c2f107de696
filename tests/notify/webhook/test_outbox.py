"""What is queued, for whom, and that it is queued exactly when it happened."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from reelhook.db import Tx
from reelhook.db.tables import outgoing_deliveries, outgoing_messages
from reelhook.notify.channels.webhook.outbox import as_received
from reelhook.notify.channels.webhook.types import VIDEO_TYPES, known, wanted
from reelhook.videos import State
from reelhook.videos.states import FailedBy
from tests.notify.webhook.scene import Scene


def event(body: bytes = b'{"event_type": "batch.finished", "n": 1e2}', **more: Any) -> Any:
    values = {"id": "e1", "source": "webhook", "type": "batch.finished", "video_id": None, "body": body}
    return SimpleNamespace(received_at=datetime(2026, 11, 22, tzinfo=UTC), **(values | more))


async def types(scene: Scene) -> list[str]:
    return [row.type for row in await scene.rows(outgoing_messages)]


async def test_each_state_of_a_video_and_late_and_deleted_are_messages(scene: Scene) -> None:
    await scene.subscribe()
    video_id = await scene.create(subject="u1")
    await scene.db.write(lambda tx: scene.lifecycle.amend(tx, video_id, late_at=scene.clock.now()))
    await scene.db.write(scene.lifecycle.flag_late)
    for state in (State.RENDERED, State.ARCHIVING, State.UNARCHIVED, State.ARCHIVING, State.READY):
        await scene.move(video_id, state)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video_id))
    failed = await scene.create()
    await scene.move(failed, State.RENDERING)
    await scene.db.write(lambda tx: scene.lifecycle.fail(tx, failed, FailedBy.HEYGEN, "x", "no"))
    told = await types(scene)
    assert told == [
        "video.requested", "video.late", "video.rendered", "video.archiving", "video.unarchived", "video.archiving",
        "video.ready", "video.deleted", "video.requested", "video.rendering", "video.failed",
    ]  # fmt: skip
    assert set(told) == set(VIDEO_TYPES)
    (deleted,) = await scene.rows(outgoing_messages, outgoing_messages.c.type == "video.deleted")
    message = orjson.loads(deleted.payload)
    assert (message["data"]["video"]["id"], message["data"]["video"]["subject"]) == (video_id, "u1")
    assert message["timestamp"] == "2026-11-22T12:00:00.000Z"
    assert {kind for kind, _ in await scene.jobs()} == {"deliver_webhook"}  # deleting a video drops none of them


async def test_what_is_rolled_back_was_never_said(scene: Scene) -> None:
    await scene.subscribe()

    def work(tx: Tx) -> None:
        scene.lifecycle.create(tx, kind="k", store="local", message="m", state=State.REQUESTED)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await scene.db.write(work)
    assert (await types(scene), await scene.jobs()) == ([], [])


async def test_without_endpoints_nothing_is_kept(scene: Scene) -> None:
    await scene.create()
    assert (await types(scene), await scene.jobs()) == ([], [])


async def test_an_endpoint_gets_only_the_types_and_the_subject_it_asked_for(scene: Scene) -> None:
    ready = (await scene.subscribe(types=["video.ready"]))["id"]
    ours = (await scene.subscribe(subject="u1"))["id"]
    everything = (await scene.subscribe())["id"]
    heygen = (await scene.subscribe(types=["heygen.*"]))["id"]
    one, other = await scene.create(subject="u1"), await scene.create(subject="u2")
    for state in (State.RENDERED, State.ARCHIVING, State.READY):
        await scene.move(other, state)
    await scene.db.write(lambda tx: scene.outbox.event(tx, event(), None))
    await scene.db.write(lambda tx: scene.outbox.event(tx, event(), one))
    messages = {row.id: (row.type, row.video_id) for row in await scene.rows(outgoing_messages)}
    got: dict[str, list[Any]] = {}
    for row in await scene.rows(outgoing_deliveries):
        got.setdefault(row.endpoint_id, []).append(messages[row.message_id])
    assert got[ready] == [("video.ready", other)]
    assert got[ours] == [("video.requested", one), ("heygen.batch.finished", one)]
    assert got[heygen] == [("heygen.batch.finished", None), ("heygen.batch.finished", one)]
    assert len(got[everything]) == len(messages) == 7


async def test_an_event_of_heygen_is_forwarded_byte_for_byte(scene: Scene) -> None:
    await scene.subscribe(types=["heygen.batch.finished"])
    await scene.db.write(lambda tx: scene.outbox.event(tx, event(), None))
    await scene.work()
    (request,) = scene.receiver.received
    assert b'"body":{"event_type": "batch.finished", "n": 1e2}}' in request.body
    assert request.message["data"]["received_at"] == "2026-11-22T00:00:00.000Z"


def test_what_is_no_json_is_forwarded_as_text() -> None:
    assert as_received(b"\xffhello") == "\ufffdhello"


@pytest.mark.parametrize("type", ["video.*", "heygen.*", "heygen.avatar_video.success", *VIDEO_TYPES])
def test_a_type_that_can_be_asked_for(type: str) -> None:
    assert known(type) == type
    assert wanted([type], type.replace("*", "anything"))
    assert not wanted([type], "other.thing")


@pytest.mark.parametrize("type", ["video.done", "video", "*", "heygen.", "heygen.a b", "reelhook.test", ""])
def test_a_type_that_nobody_sends_cannot_be_asked_for(type: str) -> None:
    with pytest.raises(ValueError, match="is no type of message"):
        known(type)
