"""The end of a world: everything outside is well, the server is started cleanly, and all work comes to its end."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.e2e.kill.customer import Customer
from tests.e2e.kill.facts import newest_update, open_jobs
from tests.e2e.kill.faults import calm
from tests.e2e.kill.sender import Sender
from tests.e2e.kill.watcher import Watcher
from tests.e2e.kill.world import Broken, World

OUTSIDE_LIMIT_S = 60.0
WORK_LIMIT_S = 60.0
QUIET_S = 2.0
SEEN_LIMIT_S = 30.0
LOOK_S = 0.1
# Retries wait for up to an hour, and nobody wants to: so the server's clock is set two hours forward, so many times.
SKIPS = 8


async def drain(world: World, sender: Sender, customer: Customer, watchers: Sequence[Watcher]) -> None:
    """Returns when nothing is under way and the server has stopped. What is left undone, the judge will see."""
    sender.stop()
    customer.stop()
    await calm(world)
    await world.start()
    if await world.ready() is None:
        raise Broken(f"the server did not start in peace:\n{world.log}")

    async def heard() -> bool:
        return not (sender.open or customer.asking) and await _idle(world)

    await _until(heard, OUTSIDE_LIMIT_S, "every event is acknowledged and HeyGen has nothing left to tell")
    for _ in range(SKIPS):
        if await _work_ends(world):
            break
        world.signal(signal.SIGUSR1)
    await _all_shown(world, watchers)
    await world.stop()


async def _idle(world: World) -> bool:
    return all([(await world.control(whom, "GET", "/idle"))["idle"] for whom in ("heygen", "cloudinary")])


async def _work_ends(world: World) -> bool:
    """Whether all jobs end; False when what is left only waits for a later time."""
    until, still_since, before = time.monotonic() + WORK_LIMIT_S, time.monotonic(), None
    while time.monotonic() < until:
        now = await asyncio.to_thread(open_jobs, world.database)
        if not now and await _idle(world):
            return True
        if now != before or any(state == "running" for _, state, _ in now):
            still_since, before = time.monotonic(), now
        if time.monotonic() - still_since > QUIET_S:
            return False
        await asyncio.sleep(LOOK_S)
    return False


async def _all_shown(world: World, watchers: Sequence[Watcher]) -> None:
    """Give the viewers time to see the last update. Who does not get it has a gap, which the judge will see."""
    head = await asyncio.to_thread(newest_update, world.database)
    until = time.monotonic() + SEEN_LIMIT_S
    while any(watcher.last_id < head for watcher in watchers) and time.monotonic() < until:
        await asyncio.sleep(LOOK_S)


async def _until(condition: Callable[[], Awaitable[bool]], limit_s: float, what: str) -> None:
    until = time.monotonic() + limit_s
    while not await condition():
        if time.monotonic() > until:
            raise Broken(f"it did not come true within {limit_s:g} s that {what}")
        await asyncio.sleep(LOOK_S)
