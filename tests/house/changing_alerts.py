"""Changes of incidents and rules."""

from datetime import timedelta

from reelhook.jobs import Failure
from reelhook.jobs.queue import Job
from tests.house.acting import Call, World

ERROR_PLACE = "delete_stored"


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


async def _error(world: World, code: str) -> str:
    """One group, as an attempt at a job leaves it."""
    book, now = world.service.parts.errors.book, world.service.parts.clock.now()
    job = Job(world.service.parts.ids.new(), ERROR_PLACE, {}, 1, 1, 1, now, now, now)
    book.attempt_failed(job, Failure(code, "it failed", True))
    await book.flush()
    return str((await world.got(f"/api/v1/errors?code={code}"))["data"][0]["id"])


async def resolve_error(world: World) -> Call:
    error_id = await _error(world, "to_be_resolved")
    return Call(f"/api/v1/errors/{error_id}/resolve", None, error_id)


async def reopen_error(world: World) -> Call:
    error_id = await _error(world, "to_be_reopened")
    await world.made(f"/api/v1/errors/{error_id}/resolve", None)
    return Call(f"/api/v1/errors/{error_id}/reopen", None, error_id)


async def change_rule(world: World) -> Call:
    return Call("/api/v1/rules/disk_full", {"threshold": 80}, "disk_full")


async def drill(world: World) -> Call:
    return Call("/api/v1/rules/worker_missing/drill", None, "worker_missing")


async def evaluate(world: World) -> Call:
    return Call("/api/v1/rules/evaluate")
