"""What comes in, as questions: it costs as much as the events, whatever is there already."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex

import orjson

from bench.history.asked import Question
from bench.history.pattern import post
from reelhook.app import Service
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs.kinds import ApplyEvents

MANY, AT_ONCE = 200, 50
AT_MOST = 1.5
LEASE = timedelta(minutes=5)


def deliveries(service: Service) -> Mapping[str, Question]:
    """New ones, each of another video that failed; the same once more; and the application of those that came."""
    came: list[bytes] = []
    parts = service.parts
    apply = ApplyHandler(parts.db, parts.clock, parts.queue, parts.told, can_ask=False, listener=parts.outbox.event)

    async def accept() -> int:
        came[:] = [_body() for _ in range(MANY)]
        return await _sent(service, came)

    async def repeat() -> int:
        return await _sent(service, came)

    async def applied() -> int:
        """By claim and settling, as a worker does it."""
        events = 0
        while claimed := await parts.db.write(lambda tx: parts.queue.claim(tx, "bench", LEASE, 8, [ApplyEvents.kind])):
            for job in claimed:
                work = job.work()
                assert isinstance(work, ApplyEvents)
                await apply(work)
                await parts.db.write(lambda tx, job=job: parts.queue.finish(tx, job))  # type: ignore[misc]
                events += len(work.event_ids)
        return events

    once = {"accept": accept, "repeat": repeat, "apply": applied}
    return {f"deliveries: {name}": Question(ask, AT_MOST, most_asked=1) for name, ask in once.items()}


async def _sent(service: Service, bodies: list[bytes]) -> int:
    rest = iter(bodies)

    async def one_after_the_other() -> None:
        for body in rest:
            await post(service, body)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return len(bodies)


def _body() -> bytes:
    data = {"video_id": token_hex(16), "callback_id": None, "msg": "Rendering failed, " * 24}
    return orjson.dumps({"event_type": "avatar_video.fail", "event_data": data})
