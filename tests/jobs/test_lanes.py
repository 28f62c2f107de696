"""A lane may lose or double a wake-up; it must never hold one back."""

import asyncio

from reelhook.jobs.lanes import MemoryLane


async def test_a_wake_up_before_the_wait_counts_once() -> None:
    lane = MemoryLane()
    lane.wake()
    lane.wake()
    assert await lane.wait(1)
    assert not await lane.wait(0.01)


async def test_a_wake_up_ends_the_wait() -> None:
    lane = MemoryLane()
    waiting = asyncio.create_task(lane.wait(30))
    await asyncio.sleep(0)
    lane.wake()
    assert await asyncio.wait_for(waiting, 1)
