"""From a change of a video to a signed request, and what follows from the answer."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text, update
from standardwebhooks.webhooks import WebhookVerificationError
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from reelhook.db import Tx
from reelhook.db.tables import jobs, outgoing_deliveries
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.notify.channels.webhook.handler import send_again
from reelhook.notify.channels.webhook.records import lock
from reelhook.videos import State
from tests.conftest import eventually
from tests.notify.webhook.receiver import status
from tests.notify.webhook.scene import Scene

HOUR = 3600
WAITS = (5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR)


def to_the_present(scene: Scene, *, but_for_s: float = 0) -> None:
    """The libraries look at the real clock: a signature is good for five minutes."""
    scene.clock.move((datetime.now(UTC) - scene.clock.now()).total_seconds() - but_for_s)


async def test_a_change_of_a_video_is_sent_signed_as_two_libraries_verify_it(scene: Scene) -> None:
    to_the_present(scene)
    secret = (await scene.subscribe())["secret"]
    video_id = await scene.create(title="Tour", subject="u1", source_url="https://heygen.example/secret")
    await scene.work()
    (request,) = scene.receiver.received
    request.verify(secret)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Reelhook")
    assert request.message["type"] == "video.requested"
    assert request.message["data"]["video"] | {"id": video_id, "title": "Tour"} == request.message["data"]["video"]
    assert b"heygen.example" not in request.body
    assert await scene.states() == ["delivered"]
    with pytest.raises(WebhookVerificationError):
        request.verify("whsec_" + "A" * 32)


@pytest.mark.parametrize(("ago_s", "signs"), [(0.5 * HOUR, True), (2 * HOUR, False)])
async def test_a_secret_that_was_replaced_signs_along_until_its_time_is_over(
    scene: Scene, ago_s: float, signs: bool
) -> None:
    to_the_present(scene, but_for_s=ago_s)
    made = await scene.subscribe()
    new = (await scene.ask("POST", f"/{made['id']}/rotate-secret", {"overlap_h": 1}))["secret"]
    to_the_present(scene)
    await scene.create()
    await scene.work()
    (request,) = scene.receiver.received
    request.verify(new)
    assert len(request.headers["webhook-signature"].split()) == 1 + signs
    if signs:
        request.verify(made["secret"])


async def test_every_attempt_carries_the_same_id_and_bytes_and_waits_as_long_as_it_is_written(scene: Scene) -> None:
    await scene.subscribe()
    scene.receiver.will(status(500))
    await scene.create()
    await scene.work()
    for number, wait_s in enumerate(WAITS, start=1):
        await scene.until(0.89 * wait_s)
        assert len(scene.receiver.received) == number
        await scene.until(0.22 * wait_s)
        assert len(scene.receiver.received) == number + 1
    assert await scene.states() == ["failed"]
    assert await scene.jobs() == [("deliver_webhook", "dead")]
    assert len({(request.id, request.body) for request in scene.receiver.received}) == 1
    assert len({request.headers["webhook-timestamp"] for request in scene.receiver.received}) == 8


async def test_a_retry_after_is_honoured(scene: Scene) -> None:
    await scene.subscribe()
    scene.receiver.will(status(503, Retry_After="120"), status(200))
    await scene.create()
    await scene.work()
    await scene.until(119)
    assert len(scene.receiver.received) == 1
    await scene.until(2)
    assert await scene.states() == ["delivered"]


async def test_an_endpoint_that_says_it_is_gone_is_disabled_and_gets_nothing_more(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(410))
    video_id = await scene.create()
    await scene.work()
    await scene.move(video_id, State.RENDERING)
    await scene.until(11 * HOUR)
    assert len(scene.receiver.received) == 1
    assert await scene.states() == ["failed"]
    shown = await scene.ask("GET", f"/{made['id']}")
    assert (shown["state"], shown["last_attempt"]["status"]) == ("disabled", 410)
    assert "410" in shown["reason"]
    assert ("reelhook", "subscription_endpoint.disable") in await scene.actions()


async def test_an_endpoint_that_failed_for_five_days_is_disabled_and_what_waits_is_discarded(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(404))
    await scene.create()
    await scene.work()
    await scene.until(5 * 24 * HOUR - 1)
    assert (await scene.ask("GET", f"/{made['id']}"))["state"] == "enabled"
    await scene.create()
    await scene.until(2 * HOUR)
    assert (await scene.ask("GET", f"/{made['id']}"))["state"] == "disabled"
    assert await scene.states() == ["discarded", "discarded"]
    await scene.until(11 * HOUR)
    assert {state for _, state in await scene.jobs()} == {"done"}


async def test_one_good_answer_begins_the_five_days_anew(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(404), status(200))
    await scene.create()
    await scene.work()
    assert (await scene.ask("GET", f"/{made['id']}"))["failing_since"]
    await scene.until(10)
    shown = await scene.ask("GET", f"/{made['id']}")
    assert (shown["failing_since"], shown["last_attempt"]["status"]) == (None, 200)


async def test_one_that_is_down_uses_up_no_attempts_of_what_waits_behind(scene: Scene) -> None:
    await scene.subscribe()
    scene.receiver.will(status(500))
    for _ in range(12):
        await scene.create()
    await scene.work()
    first = len(scene.receiver.received)
    assert 5 <= first < 12  # the fifth failure in a row was the last, but for those under way with it
    scene.receiver.will(status(200))
    for _ in range(8):
        await scene.until(60)
    assert await scene.states() == ["delivered"] * 12


async def test_a_slow_endpoint_takes_four_turns_and_the_others_come_back_one_by_one(scene: Scene) -> None:
    scene.receiver.held = asyncio.Event()
    await scene.subscribe()
    for _ in range(8):
        await scene.create()
    working = asyncio.create_task(scene.work())
    await eventually(lambda: len(scene.receiver.received) == 4)

    async def four_were_put_off() -> bool:
        return [state for _, state in await scene.jobs()].count("available") == 4

    await eventually(four_were_put_off)
    scene.receiver.held.set()
    await working
    assert len(scene.receiver.received) == 4
    await scene.until(2)
    assert await scene.states() == ["delivered"] * 8


async def test_nothing_is_sent_while_no_secret_can_be_opened(scene: Scene) -> None:
    await scene.subscribe()
    await scene.create()
    sealed = scene.room.deliver._secrets._sealer
    scene.room.deliver._secrets._sealer = type(sealed)(["another"])
    await scene.work()
    assert scene.receiver.received == []
    scene.room.deliver._secrets._sealer = sealed
    await scene.until(10)
    assert await scene.states() == ["delivered"]


async def test_a_dead_delivery_whose_job_is_retried_is_sent_again(scene: Scene) -> None:
    await scene.subscribe()
    scene.receiver.will(status(500))
    await scene.create()
    for _ in range(9):
        await scene.until(11 * HOUR)
    assert await scene.states() == ["failed"]
    scene.receiver.will(status(200))
    (job,) = await scene.rows(jobs)
    await scene.db.write(lambda tx: DeadLetters(scene.clock).retry(tx, job.id))
    await scene.work()
    assert await scene.states() == ["delivered"]


async def test_an_answer_to_what_was_deleted_or_replayed_meanwhile_changes_nothing(scene: Scene) -> None:
    """The endpoint that was deleted has no story any more; of the other, only the replay counts."""
    made, deleted = await scene.subscribe(), await scene.subscribe()
    scene.receiver.held = asyncio.Event()
    await scene.create()
    working = asyncio.create_task(scene.work())
    await eventually(lambda: len(scene.receiver.received) == 2)
    (delivery,) = (await scene.ask("GET", f"/{made['id']}/deliveries"))["data"]
    await scene.db.write(
        lambda tx: tx.execute(update(outgoing_deliveries).values(state="failed"))  # as if the lease had run out
    )
    await scene.ask("POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    await scene.ask("DELETE", f"/{deleted['id']}")
    scene.receiver.held.set()
    await working
    assert len(scene.receiver.received) == 3
    assert await scene.states() == ["delivered"]
    assert await scene.attempts() == [204]


async def test_waiting_replays_stop_when_the_endpoint_does(scene: Scene) -> None:
    made = await scene.subscribe()
    await scene.create()
    await scene.work()
    await scene.ask("POST", f"/{made['id']}/replay", {"failed_only": False, "since": "2026-11-22T00:00:00Z"})
    await scene.ask("PATCH", f"/{made['id']}", {"paused": True})
    await scene.work()
    assert len(scene.receiver.received) == 1


async def test_an_attempt_that_ends_while_its_delivery_is_replayed_does_not_wait_in_a_circle(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.subscribe()
    await scene.create()
    (delivery,) = await scene.rows(outgoing_deliveries)
    holds, refused, write = asyncio.Event(), [], scene.db.write
    loop = asyncio.get_running_loop()

    def replay(tx: Tx) -> None:
        lock(tx, delivery.endpoint_id)
        loop.call_soon_threadsafe(holds.set)
        waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        for _ in range(0 if scene.db.is_sqlite else 500):  # there, nobody else writes meanwhile
            if tx.execute(waiting).first() is not None:
                break
            time.sleep(0.01)
        send_again(tx, scene.queue, delivery)

    async def noticed(work: Any, **how: Any) -> Any:
        try:
            return await write(work, **how)
        except Exception as error:
            refused.append(error)
            raise

    monkeypatch.setattr(scene.db, "write", noticed)
    replaying = asyncio.create_task(scene.db.write(replay))
    await holds.wait()
    await scene.work()
    await replaying
    assert refused == []
    assert await scene.states() == ["delivered"]


async def test_each_attempt_has_a_line_that_names_the_video(scene: Scene) -> None:
    endpoint = await scene.subscribe()
    scene.receiver.will(status(500), status(204))
    with capture_logs([merge_contextvars]) as lines:
        video_id = await scene.create()
        await scene.work()
        scene.clock.move(60)
        await scene.work()
    attempts = [line for line in lines if line["event"] == "notification.attempted"]
    assert [(line["result"], line["status"], line.get("error")) for line in attempts] == [
        ("refused", 500, "answered 500"),
        ("sent", 204, None),
    ]
    named = {(line["channel"], line["type"], line["video_id"], line["endpoint_id"]) for line in attempts}
    assert named == {("webhook", "video.requested", video_id, endpoint["id"])}
