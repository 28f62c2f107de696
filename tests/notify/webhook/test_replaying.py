"""Deliveries that are asked for once more, one by one and many at once."""

import orjson
import pytest

from reelhook.db.tables import jobs
from reelhook.notify.channels.webhook import handler
from tests.notify.webhook.receiver import status
from tests.notify.webhook.scene import Scene


async def test_a_replay_sends_the_same_message_under_the_same_id(scene: Scene) -> None:
    made = await scene.subscribe()
    await scene.create()
    await scene.work()
    (delivery,) = (await scene.ask("GET", f"/{made['id']}/deliveries"))["data"]
    path = f"/{made['id']}/deliveries/{delivery['id']}"
    asked = await scene.ask("POST", f"{path}/replay", expect=202)
    assert (asked["state"], asked["next_attempt_at"]) == ("pending", "2026-11-22T12:00:00.000Z")
    await scene.work()
    first, again = scene.receiver.received
    assert (first.id, first.body) == (again.id, again.body)
    shown = await scene.ask("GET", path)
    assert [one["status"] for one in shown["attempts_made"]] == [204, 204]
    assert (shown["state"], shown["next_attempt_at"]) == ("delivered", None)
    assert orjson.loads(shown["payload"])["type"] == shown["type"] == "video.requested"


async def test_a_replay_of_a_dead_one_puts_its_dead_letter_aside(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(500))
    await scene.create()
    for _ in range(9):
        await scene.until(11 * 3600)
    scene.receiver.will(status(200))
    (delivery,) = (await scene.ask("GET", f"/{made['id']}/deliveries?state=failed"))["data"]
    await scene.ask("POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    await scene.work()
    assert await scene.states() == ["delivered"]
    assert await scene.jobs() == [("deliver_webhook", "dead"), ("deliver_webhook", "done")]
    (dead, _) = await scene.rows(jobs)
    assert dead.discarded_reason == "the delivery was replayed"


async def test_a_replay_of_one_that_waits_for_its_next_attempt_does_not_send_it_twice(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(500), status(200))
    await scene.create()
    await scene.work()
    (delivery,) = (await scene.ask("GET", f"/{made['id']}/deliveries"))["data"]
    await scene.ask("POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    await scene.work()
    assert await scene.states() == ["delivered"]
    await scene.until(10)
    assert len(scene.receiver.received) == 2


async def through(scene: Scene) -> None:
    """Four go at once; who has to wait comes back after a random while, and may have to wait again."""
    for _ in range(4):
        await scene.until(3)


async def test_many_are_replayed_by_state_and_time_in_batches(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "BATCH", 2)
    made = await scene.subscribe()
    scene.receiver.will(status(410))
    await scene.create()
    await scene.work()  # failed, and disabled with it
    scene.receiver.will(status(200))
    await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    scene.clock.move(60)
    for _ in range(5):
        await scene.create()
    await through(scene)
    sent = len(scene.receiver.received)
    replay = f"/{made['id']}/replay"
    assert await scene.ask("POST", replay, {}) == {"deliveries": 1}
    await scene.work()
    assert len(scene.receiver.received) == sent + 1
    since = "2026-11-22T12:00:30Z"
    assert await scene.ask("POST", replay, {"failed_only": False, "since": since}) == {"deliveries": 5}
    await through(scene)
    assert len(scene.receiver.received) == sent + 1 + 5
    assert await scene.ask("POST", replay, {"failed_only": False, "since": since, "until": "2026-11-22T12:00:31Z"}) == {
        "deliveries": 0
    }
    await scene.ask("POST", replay, {"failed_only": False}, expect=422)
    await scene.ask("POST", replay, {"since": since, "until": since}, expect=422)
