"""The end of a world: everything outside is well, the server is started cleanly, and all work comes to its end."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from tests.e2e.kill.customer import Customer
from tests.e2e.kill.facts import newest_update, open_jobs
from tests.e2e.kill.faults import calm
from tests.e2e.kill.scene import Broken, Scene
from tests.e2e.kill.sender import Sender
from tests.e2e.kill.watcher import Watcher
from tests.e2e.kill.world import World

OUTSIDE_LIMIT_S = 60.0
WORK_LIMIT_S = 60.0
QUIET_S = 2.0
SEEN_LIMIT_S = 30.0
LOOK_S = 0.1
# Retries wait for up to an hour, and nobody wants to: so they are hurried. What is down is asked again within a minute.
HURRY_S = 120.0


class User(Protocol):
    """Somebody who asks things of the service until stopped, and insists on what was begun."""

    @property
    def busy(self) -> bool:
        """Whether something that was begun is not accepted yet."""

    def stop(self) -> None:
        """Ask for nothing new."""


async def drain(world: World, sender: Sender, customer: Customer, watchers: Sequence[Watcher]) -> None:
    """Returns when nothing is under way and the server has stopped. What is left undone, the judge will see."""
    await rest(world, sender, customer)
    await world.start()
    if await world.ready() is None:
        raise Broken(f"the server did not start in peace:\n{world.log}")
    await finish(world, sender, customer)
    await all_shown(world, watchers)
    await world.stop()


async def rest(scene: Scene, *users: User) -> None:
    """Nothing new is asked of the service, and everything outside is well."""
    for user in users:
        user.stop()
    await calm(scene)


async def finish(scene: Scene, *users: User, limit_s: float = OUTSIDE_LIMIT_S) -> None:
    """In a service that runs and is left in peace: returns when all work has come to its end."""

    until = time.monotonic() + limit_s
    while busy := [str(user) for user in users if user.busy] + await _at_work(scene):
        if time.monotonic() > until:
            raise Broken(f"after {limit_s:g} s of peace there is still something under way: {', '.join(busy)}")
        await asyncio.sleep(LOOK_S)
    until = time.monotonic() + max(HURRY_S, limit_s)
    while not await _work_ends(scene) and time.monotonic() < until:
        await scene.hurry()


async def _at_work(scene: Scene) -> list[str]:
    """Those outside who have something left to do."""
    return [whom for whom in ("heygen", "cloudinary") if not (await scene.control(whom, "GET", "/idle"))["idle"]]


async def _work_ends(scene: Scene) -> bool:
    """Whether all jobs end; False when what is left only waits for a later time."""
    until, still_since, before = time.monotonic() + WORK_LIMIT_S, time.monotonic(), None
    while time.monotonic() < until:
        now = await scene.look(open_jobs)
        if not now and not await _at_work(scene):
            return True
        if now != before or any(state == "running" for _, state, _ in now):
            still_since, before = time.monotonic(), now
        if time.monotonic() - still_since > QUIET_S:
            return False
        await asyncio.sleep(LOOK_S)
    return False


async def all_shown(scene: Scene, watchers: Sequence[Watcher]) -> None:
    """Give the viewers time to see the last update. Who does not get it has a gap, which the judge will see."""
    head = await scene.look(newest_update)
    until = time.monotonic() + SEEN_LIMIT_S
    while any(watcher.last_id < head for watcher in watchers) and time.monotonic() < until:
        await asyncio.sleep(LOOK_S)
