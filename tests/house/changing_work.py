"""Changes of videos, work, events, secrets, and of what is told to other systems."""

from sqlalchemy import insert

from reelhook.db.tables import (
    webhook_secrets,
)
from reelhook.kit.sealing import Sealer
from tests.house.acting import Call, World


async def create_video(world: World) -> Call:
    return Call("/api/v1/videos", {"heygen_video_id": "created"}, target="*")


async def change_video(world: World) -> Call:
    video_id = await world.video("changed")
    return Call(f"/api/v1/videos/{video_id}", {"title": "Another"}, video_id)


async def delete_video(world: World) -> Call:
    video_id = await world.video("deleted")
    return Call(f"/api/v1/videos/{video_id}", None, video_id, query={"confirm": video_id})


async def retry_video(world: World) -> Call:
    video_id = await world.video("tried again", state="failed", request={"type": "avatar", "avatar_id": "anna"})
    return Call(f"/api/v1/videos/{video_id}/retry", None, video_id)


async def retry_job(world: World) -> Call:
    job_id = await world.dead_job()
    return Call(f"/api/v1/jobs/{job_id}/retry", None, job_id)


async def retry_jobs(world: World) -> Call:
    await world.dead_job()
    return Call("/api/v1/jobs/retry", {})


async def discard_job(world: World) -> Call:
    job_id = await world.dead_job()
    return Call(f"/api/v1/jobs/{job_id}/discard", {"reason": "seen to"}, job_id)


async def replay_event(world: World) -> Call:
    event_id = await world.event()
    return Call(f"/api/v1/events/{event_id}/replay", None, event_id)


async def replay_events(world: World) -> Call:
    return Call("/api/v1/events/replay", {"type": "t"})


async def reconcile(world: World) -> Call:
    return Call("/api/v1/reconcile", {"kinds": ["stores"]})


async def back_up(world: World) -> Call:
    path = str(world.folder / "backup")
    return Call("/api/v1/backups", {"path": path}, path, by="local")


async def register_endpoint(world: World) -> Call:
    return Call("/api/v1/webhook-endpoints", {"url": world.url}, "*")


async def rotate_secret(world: World) -> Call:
    (endpoint,) = (await world.clients["admin"].get("/api/v1/webhook-endpoints")).json()["data"]
    return Call(f"/api/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", None, endpoint["id"])


async def reseal(world: World) -> Call:
    parts = world.service.parts
    values = {"id": "1", "source": "heygen", "fingerprint": "f", "sealed": Sealer(["old"]).seal("x")}
    values |= {"created_at": parts.clock.now(), "retired_at": parts.clock.now()}
    await world.write(lambda tx: tx.execute(insert(webhook_secrets).values(**values)))
    return Call("/api/v1/secrets/reseal", None, parts.sealer.fingerprints[0])


async def subscribe(world: World) -> Call:
    return Call("/api/v1/subscription-endpoints", {"url": world.url}, "*")


async def change_subscription(world: World) -> Call:
    endpoint_id = await world.subscription()
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}", {"paused": True}, endpoint_id)


async def unsubscribe(world: World) -> Call:
    endpoint_id = await world.subscription()
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}", None, endpoint_id)


async def rotate_subscription(world: World) -> Call:
    endpoint_id = await world.subscription()
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}/rotate-secret", {}, endpoint_id)


async def try_subscription(world: World) -> Call:
    endpoint_id = await world.subscription()
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}/test", None, endpoint_id)


async def replay_delivery(world: World) -> Call:
    endpoint_id = await world.subscription()
    delivery_id = await world.delivery(endpoint_id)
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay", None, endpoint_id)


async def replay_deliveries(world: World) -> Call:
    endpoint_id = await world.subscription()
    await world.delivery(endpoint_id)
    return Call(f"/api/v1/subscription-endpoints/{endpoint_id}/replay", {}, endpoint_id)
