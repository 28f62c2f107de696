"""Causing each kind of death, and starting again what died, as a supervisor would."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.plan import Death
from tests.e2e.kill.scene import Broken
from tests.e2e.kill.sender import Sender

PROBE_PAUSE_S = 0.05
RECOVERY_LIMIT_S = 60.0


@dataclass(frozen=True)
class Recovery:
    """When somebody died, when the first webhook after that was answered 200 through the proxy, and when the one who
    died was there again (monotonic)."""

    kind: str
    died: float
    back: float
    there: float

    @property
    def took_s(self) -> float:
        return self.back - self.died


async def cause(here: Cluster, sender: Sender, death: Death) -> Recovery:
    """Let it happen; returns when everything that died runs again and is ready."""
    strike, mend = DEATHS[death.kind]
    died = time.monotonic()
    await strike(here, death.which)
    async with asyncio.TaskGroup() as tasks:
        back = tasks.create_task(_acknowledged(here, sender, f"{died}"))
        await asyncio.sleep(death.away_s)
        await mend(here, death.which)
        there = time.monotonic()
    return Recovery(death.kind, died, back.result(), there)


async def _acknowledged(here: Cluster, sender: Sender, name: str) -> float:
    """When a new event is acknowledged for the first time; it is sent until it is."""
    body = f'{{"event_type": "batch.finished", "event_data": {{"batch_id": "probe-{name}"}}}}'.encode()
    until = time.monotonic() + RECOVERY_LIMIT_S
    while not await sender.deliver(here.session, body):
        if time.monotonic() > until:
            raise Broken(f"no webhook was taken within {RECOVERY_LIMIT_S:g} s:\n{here.webs[0].said}")
        await asyncio.sleep(PROBE_PAUSE_S)
    return time.monotonic()


async def _kill_web(here: Cluster, which: int) -> None:
    await here.webs[which].kill()


async def _terminate_web(here: Cluster, which: int) -> None:
    here.webs[which].terminate()


async def _start_web(here: Cluster, which: int) -> None:
    if here.webs[which].runs:
        await here.webs[which].ended()
    await here.webs[which].start()
    await here.webs[which].ready(here.session)


async def _kill_worker(here: Cluster, which: int) -> None:
    await here.workers[which].kill()


async def _start_worker(here: Cluster, which: int) -> None:
    await here.workers[which].start()


async def _kill_redis(here: Cluster, _: int) -> None:
    await asyncio.to_thread(here.redis.stop)


async def _start_redis(here: Cluster, _: int) -> None:
    await asyncio.to_thread(here.redis.start)


async def _flush_redis(here: Cluster, _: int) -> None:
    def flush() -> None:
        with here.redis.client() as client:
            client.flushall()

    await asyncio.to_thread(flush)


async def _kill_postgres(here: Cluster, _: int) -> None:
    await asyncio.to_thread(here.postgres.stop, signal.SIGKILL)


async def _start_postgres(here: Cluster, _: int) -> None:
    await asyncio.to_thread(here.postgres.start)


async def _reload(here: Cluster, _: int) -> None:
    await here.reload()


async def _nothing(_: Cluster, __: int) -> None:
    return None


Act = Callable[[Cluster, int], Awaitable[None]]
DEATHS: dict[str, tuple[Act, Act]] = {
    "web killed": (_kill_web, _start_web),
    "worker killed": (_kill_worker, _start_worker),
    "redis killed": (_kill_redis, _start_redis),
    "redis flushed": (_flush_redis, _nothing),
    "postgres killed": (_kill_postgres, _start_postgres),
    "nginx reloaded": (_reload, _nothing),
    "web restarted": (_terminate_web, _start_web),
}
