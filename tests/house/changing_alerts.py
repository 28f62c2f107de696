"""Changes of incidents and rules."""

from datetime import timedelta

from tests.house.acting import Call, World


async def _incident(world: World, rule: str) -> str:
    return str((await world.made(f"/api/v1/rules/{rule}/drill", None))["id"])


async def acknowledge(world: World) -> Call:
    incident_id = await _incident(world, "dead_letters")
    return Call(f"/api/v1/incidents/{incident_id}/acknowledge", None, incident_id)


async def silence(world: World) -> Call:
    incident_id = await _incident(world, "disk_full")
    until = world.service.parts.clock.now() + timedelta(hours=1)
    return Call(f"/api/v1/incidents/{incident_id}/silence", {"until": until.isoformat()}, incident_id)


async def assign(world: World) -> Call:
    incident_id = await _incident(world, "backlog_age")
    return Call(f"/api/v1/incidents/{incident_id}/assign", {"person_id": None}, incident_id)


async def note(world: World) -> Call:
    incident_id = await _incident(world, "failure_rate")
    return Call(f"/api/v1/incidents/{incident_id}/note", {"text": "seen to"}, incident_id)


async def resolve(world: World) -> Call:
    incident_id = await _incident(world, "no_webhooks")
    return Call(f"/api/v1/incidents/{incident_id}/resolve", None, incident_id)


async def change_rule(world: World) -> Call:
    return Call("/api/v1/rules/disk_full", {"threshold": 80}, "disk_full")


async def drill(world: World) -> Call:
    return Call("/api/v1/rules/worker_missing/drill", None, "worker_missing")


async def evaluate(world: World) -> Call:
    return Call("/api/v1/rules/evaluate")
