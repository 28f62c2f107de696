"""A subscription endpoint that is paused or disabled, and goes on."""

from datetime import timedelta

from reelhook.videos import State
from tests.notify.webhook.receiver import status
from tests.notify.webhook.scene import Scene


async def test_what_comes_while_an_endpoint_is_paused_is_sent_when_it_goes_on(scene: Scene) -> None:
    made = await scene.subscribe()
    shown = await scene.ask("PATCH", f"/{made['id']}", {"paused": True})
    assert shown["state"] == "paused"
    video_id = await scene.create()
    await scene.move(video_id, State.RENDERING)
    await scene.work()
    assert scene.receiver.received == []
    assert await scene.states() == ["pending", "pending"]
    await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    await scene.work()
    assert sorted(one.message["type"] for one in scene.receiver.received) == ["video.rendering", "video.requested"]
    assert await scene.states() == ["delivered", "delivered"]


async def test_what_had_failed_before_the_pause_goes_on_with_it(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(500), status(200))
    await scene.create()
    await scene.work()
    await scene.ask("PATCH", f"/{made['id']}", {"paused": True})
    await scene.until(10)
    await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    await scene.work()
    assert await scene.attempts() == [500, 200]


async def test_a_delivery_that_is_looked_at_while_its_endpoint_goes_on_is_not_left_behind(scene: Scene) -> None:
    """The job saw the pause; the endpoint goes on, and queues what waits; only then the job puts the delivery by."""
    made = await scene.subscribe()
    await scene.ask("PATCH", f"/{made['id']}", {"paused": True})
    await scene.create()
    deliver = scene.room.deliver
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 1))
    put_by = await deliver(job.work())  # type: ignore[arg-type]
    assert put_by is not None
    await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    (going_on,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 1))
    await scene.runner.attempt(going_on)
    await scene.db.write(lambda tx: (scene.queue.finish(tx, job), put_by(tx)))
    await scene.work()
    assert await scene.states() == ["delivered"]


async def test_a_disabled_endpoint_goes_on_when_it_is_told_to(scene: Scene) -> None:
    made = await scene.subscribe()
    scene.receiver.will(status(410), status(200))
    await scene.create()
    await scene.work()
    (delivery,) = (await scene.ask("GET", f"/{made['id']}/deliveries"))["data"]
    await scene.ask("POST", f"/{made['id']}/deliveries/{delivery['id']}/replay", expect=409)
    shown = await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    assert (shown["state"], shown["reason"], shown["failed"]) == ("enabled", None, 1)
    await scene.create()
    await scene.work()
    assert await scene.states() == ["failed", "delivered"]
