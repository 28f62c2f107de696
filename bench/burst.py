"""How quickly a burst is applied: `python -m bench.burst`.

50,000 deliveries were accepted and none is applied yet. The worker as it is, and one that applies each event in a
transaction of its own, have some seconds each on a copy of that database; what they have applied then is counted.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sqlalchemy import func, select

from bench.kit import Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.kit.servers import folder, prepared
from reelhook import logs
from reelhook.app import Service
from reelhook.db.tables import events
from reelhook.inbox import Arrival
from reelhook.inbox.handler import ApplyHandler
from reelhook.inbox.store import commit
from reelhook.jobs.kinds import ApplyEvents
from reelhook.settings import Settings
from reelhook.simulators.load import Plan

BURST, GROUP = 50_000, 256
WORKER, SINGLE = "the worker", "one transaction per event"
Work = Callable[[Service], Awaitable[None]]


def main() -> None:
    settings = given(__doc__, rounds=3, seconds=10)
    logs.configure("json", "warning")
    with folder() as name:
        at = Path(name)
        uvloop.run(_fill(at))
        ways = {
            SINGLE: lambda: uvloop.run(_applied(at, _one_by_one, settings.seconds)),
            WORKER: lambda: uvloop.run(_applied(at, None, settings.seconds)),
        }
        rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(WORKER, "per_s", SINGLE, at_least=5)]
    Report("burst", f"Events applied of {BURST:,}", rounds, reaches, "per_s", "a second").write(settings)


def _service(at: Path, *, works: bool) -> Service:
    config = Settings(database_url=f"sqlite:///{at / 'reelhook.db'}", stores=f"local:{at / 'media'}")
    return Service(config, works=works, listens=False, serves=False)


async def _fill(at: Path) -> None:
    """As the front door leaves them: a group of events and one job in each commit."""
    shutil.copy(prepared(), at / "reelhook.db")
    parts = _service(at, works=False).parts
    arrivals = [_arrival(request) for request in Plan(port=0, event_type="avatar_video.fail", most=BURST).requests()]
    for first in range(0, BURST, GROUP):
        group = arrivals[first : first + GROUP]
        await parts.db.write(lambda tx, group=group: commit(tx, group, parts.ids, parts.queue))  # type: ignore[misc]
    await parts.close()
    (at / "reelhook.db").rename(at / "burst.db")


def _arrival(request: bytes) -> Arrival:
    head, _, body = request.partition(b"\r\n\r\n")
    headers = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    kept = tuple((name, value) for name, value in headers)
    return Arrival("heygen", "webhook", body, kept, datetime.now(UTC), "avatar_video.fail")


async def _applied(at: Path, work: Work | None, seconds: float) -> Figures:
    """How many were applied a second: by *work*, or by the service's own worker."""
    shutil.copy(at / "burst.db", at / "reelhook.db")
    service = _service(at, works=work is None)
    service.start()
    await service.opened.wait()
    begun = asyncio.get_running_loop().time()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await (work or _until_done)(service)
    took = asyncio.get_running_loop().time() - begun
    count = BURST - await _pending(service)
    await service.stop()
    return {"per_s": count / took}


async def _one_by_one(service: Service) -> None:
    parts = service.parts
    apply = ApplyHandler(parts.db, parts.clock, parts.queue, parts.told, can_ask=False, listener=parts.outbox.event)
    ids = await parts.db.read(lambda conn: conn.execute(select(events.c.id).order_by(events.c.id)).scalars().all())
    for event_id in ids:
        await apply(ApplyEvents(event_ids=(event_id,)))


async def _until_done(service: Service) -> None:
    while await _pending(service):  # noqa: ASYNC110 - nobody is told when the worker has nothing left
        await asyncio.sleep(0.05)


async def _pending(service: Service) -> int:
    waiting = select(func.count()).select_from(events).where(events.c.state == "pending")
    return await service.parts.db.read(lambda conn: conn.execute(waiting).scalar_one())


if __name__ == "__main__":
    main()
