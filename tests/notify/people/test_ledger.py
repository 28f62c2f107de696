"""Every way out ends in one of a few states, and nobody is sent the same twice, whatever dies or is repeated."""

from typing import Any

import pytest
from sqlalchemy import false, select, update
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from reelhook.db.tables import jobs, notification_deliveries, notifications, people
from reelhook.jobs.kinds import SendNotification
from reelhook.notify.errors import OutcomeUnknown
from reelhook.notify.kinds import KINDS
from tests.notify.people.scene import LEASE, Letterbox, Scene, Trouble

BY_EMAIL = {"mine": {kind: {"email": True, "push": False} for kind in KINDS}}


@pytest.fixture
async def told(scene: Scene) -> str:
    """Ann was told of a video, and the letter is to be sent; the id of the notification."""
    scene.ann = await scene.person("ann")  # type: ignore[attr-defined]
    await scene.wish(scene.ann, **BY_EMAIL)  # type: ignore[attr-defined]
    await scene.ready(scene.ann.id)  # type: ignore[attr-defined]
    (row,) = await scene.rows(notifications)
    return str(row.id)


async def email(scene: Scene) -> tuple[str, str | None, str | None]:
    (row,) = [row for row in await scene.rows(notification_deliveries) if row.channel == "email"]
    return row.state, row.target, row.error


async def shown(scene: Scene, told: str) -> dict[str, Any]:
    listed = await scene.ask(scene.ann, "GET", f"/me/notifications/{told}/deliveries")  # type: ignore[attr-defined]
    return {one["channel"]: one for one in listed["data"]}


async def again(scene: Scene, told: str, expect: int = 202, channel: str = "email") -> None:
    path = f"/me/notifications/{told}/deliveries/{channel}/again"
    await scene.ask(scene.ann, "POST", path, expect=expect)  # type: ignore[attr-defined]


async def test_what_was_taken_is_sent(scene: Scene, told: str) -> None:
    assert await email(scene) == ("pending", None, None)
    await again(scene, told, expect=409)
    await scene.work()
    assert await email(scene) == ("sent", "ann@example.com", None)
    assert [(to, notice.id, notice.unseen) for to, notice in scene.email.taken] == [("ann@example.com", told, 1)]
    assert {name: one["state"] for name, one in (await shown(scene, told)).items()} == {
        "email": "sent",
        "in_app": "sent",
    }
    await again(scene, told, expect=409)


async def test_a_clear_refusal_is_tried_again_by_the_policy(scene: Scene, told: str) -> None:
    scene.email.answers = [Trouble("not now"), Trouble("not now")]
    await scene.work()
    assert await email(scene) == ("pending", None, "not now")
    for _ in range(3):
        await scene.until(60)
    assert (await email(scene))[0] == "sent"
    assert len(scene.email.taken) == 1


async def test_when_all_attempts_are_used_it_has_failed_and_can_be_sent_again(scene: Scene, told: str) -> None:
    scene.email.answers = [Trouble("no such box") for _ in range(14)]
    await scene.work()
    for _ in range(20):
        await scene.until(1300)
    assert await email(scene) == ("failed", None, "no such box")
    assert await scene.jobs() == [("send_notification", "dead")]
    await again(scene, told)
    discarded = await scene.rows(jobs)
    assert [row.discarded_reason for row in discarded if row.state == "dead"] == ["the notification was sent again"]
    await scene.work()
    assert (await email(scene))[0] == "sent"
    assert len(scene.email.taken) == 1


@pytest.mark.parametrize("error", [OutcomeUnknown("no answer"), RuntimeError("a bug")], ids=["silence", "surprise"])
async def test_an_end_that_nobody_knows_is_shown_and_not_sent_again(
    scene: Scene, told: str, error: BaseException
) -> None:
    scene.email.answers = [error]
    await scene.work()
    state, _, why = await email(scene)
    assert state == "unknown"
    assert "no answer" in str(why) or "may have arrived" in str(why)
    await scene.until(100_000)
    assert (scene.email.taken, await scene.jobs()) == ([], [("send_notification", "done")])
    await again(scene, told)
    await scene.work()
    assert ((await email(scene))[0], len(scene.email.taken)) == ("sent", 1)


async def test_a_process_that_dies_in_the_call_leaves_an_unknown_end(scene: Scene, told: str) -> None:
    """The state `sending` is committed before the call, so whoever takes the job over sees that it was begun."""
    claimed = await scene.db.write(lambda tx: scene.queue.claim(tx, "dies", LEASE, 8))
    sending = update(notification_deliveries).where(notification_deliveries.c.channel == "email")
    await scene.db.write(lambda tx: tx.execute(sending.values(state="sending")) and None)
    assert (await shown(scene, told))["email"]["state"] == "pending"
    await scene.runner.attempt(claimed[0])
    state, _, why = await email(scene)
    assert (state, scene.email.taken) == ("unknown", [])
    assert "may have arrived" in str(why)


async def test_where_it_cannot_be_noticed_it_is_sent_again(scene: Scene) -> None:
    ann = await scene.person("ann")
    await scene.ready(ann.id)
    sending = update(notification_deliveries).where(notification_deliveries.c.channel == "push")
    await scene.db.write(lambda tx: tx.execute(sending.values(state="sending")) and None)
    scene.push.answers = [OutcomeUnknown("no answer")]
    await scene.work()
    assert (await scene.states())["push"] == "pending"
    await scene.until(60)
    assert ((await scene.states())["push"], len(scene.push.taken)) == ("sent", 1)


async def test_the_job_of_an_earlier_life_sends_nothing(scene: Scene, told: str) -> None:
    (row,) = [row for row in await scene.rows(notification_deliveries) if row.channel == "email"]
    scene.email.answers = [OutcomeUnknown("no answer")]
    await scene.work()
    await again(scene, told)
    old = SendNotification(delivery_id=row.id, channel="email", again=0)
    await scene.db.write(lambda tx: scene.queue.add(tx, old))
    await scene.work()
    assert len(scene.email.taken) == 1


async def test_two_workers_with_the_same_delivery_send_it_once(scene: Scene, told: str) -> None:
    """As when the first was taken for dead: its lease ran out while it waited for the other side."""
    (row,) = [row for row in await scene.rows(notification_deliveries) if row.channel == "email"]
    handler = scene.runner._handlers["send_notification"]
    work = SendNotification(delivery_id=row.id, channel="email")
    first = await handler.run(work)
    assert await handler.run(work) is None, "it finds that somebody has begun"
    assert (await email(scene))[0] == "unknown"
    await scene.db.write(lambda tx: first(tx) if first else None)
    assert (await email(scene))[0] == "sent", "the first one knows better"
    assert len(scene.email.taken) == 1


async def test_nobody_who_is_disabled_meanwhile_is_written_to(scene: Scene, told: str) -> None:
    gone = update(people).values(disabled_at=scene.clock.now())
    await scene.db.write(lambda tx: tx.execute(gone) and None)
    await scene.work()
    assert (await email(scene))[0] == "suppressed"
    assert scene.email.taken == []


async def test_a_process_that_does_not_know_the_channel_leaves_it_to_others(scene: Scene, told: str) -> None:
    await scene.db.write(lambda tx: scene.queue.add(tx, SendNotification(delivery_id="gone", channel="email")))
    await scene.db.write(lambda tx: scene.queue.add(tx, SendNotification(delivery_id="any", channel="pigeon")))
    await scene.work()
    assert sorted(await scene.jobs()) == [
        ("send_notification", "done"),
        ("send_notification", "done"),
        ("send_notification", "retryable"),
    ]


async def test_only_ways_that_reach_somebody_are_taken(scene: Scene) -> None:
    scene = Scene(scene.db, scene.clock, scene.ids, push=Letterbox("push", there=false()))
    ann = await scene.person("ann")
    await scene.ready(ann.id)
    assert await scene.states() == {"in_app": "sent"}
    assert await scene.db.read(lambda conn: conn.execute(select(jobs.c.id)).all()) == []


async def test_each_attempt_has_a_line_that_names_the_video(scene: Scene, told: str) -> None:
    scene.email.answers = [Trouble("not now"), OutcomeUnknown("no answer")]
    with capture_logs([merge_contextvars]) as lines:
        await scene.work()
        await scene.until(60)
        await again(scene, told)
        await scene.work()
    attempts = [line for line in lines if line["event"] == "notification.attempted"]
    assert [(line["channel"], line["result"], line.get("error"), line["log_level"]) for line in attempts] == [
        ("email", "refused", "not now", "warning"),
        ("email", "unknown", "no answer", "warning"),
        ("email", "sent", None, "info"),
    ]
    (row,) = await scene.rows(notifications)
    jobs_told = [line for line in lines if line["event"] == "job.attempted"]
    assert {line["video_id"] for line in attempts + jobs_told} == {row.video_id}
    assert "ann@example.com" not in str(lines)
