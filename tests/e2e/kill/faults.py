"""Causing the troubles of a plan, and ending them."""

import asyncio
import signal
from collections import Counter

from tests.e2e.kill.cut import Disk
from tests.e2e.kill.plan import Trouble
from tests.e2e.kill.scene import Scene
from tests.e2e.kill.world import World


async def cause(world: World, trouble: Trouble, caused: Counter[str]) -> None:
    """Wait for its moment, cause it, count it, and end it. Cancelled, it ends at once."""
    await asyncio.sleep(trouble.after_s)
    # Without a compiler there is no library that could refuse to write.
    if trouble.what == "full" and world.disk is None:
        return
    caused[f"{trouble.what} {trouble.fault.get('kind', '')}".strip()] += 1
    if trouble.what == "stop":
        await _stopped(world, trouble.for_s)
    elif trouble.what == "full" and world.disk is not None:
        await _full(world.disk, trouble.for_s)
    else:
        await world.control(trouble.what, "POST", "/faults", trouble.fault)


async def calm(scene: Scene) -> None:
    """Everything outside is well again."""
    for whom in ("heygen", "cloudinary"):
        await scene.control(whom, "DELETE", "/faults")


async def _stopped(world: World, seconds: float) -> None:
    world.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        world.signal(signal.SIGCONT)


async def _full(disk: Disk, seconds: float) -> None:
    disk.full.touch()
    try:
        await asyncio.sleep(seconds)
    finally:
        disk.full.unlink(missing_ok=True)  # two of them may overlap
