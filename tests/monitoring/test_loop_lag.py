"""How late the event loop wakes."""

import asyncio

import pytest

from reelhook.monitoring import loop_lag
from tests.conftest import StillClock, eventually
from tests.measured import measured


async def test_it_is_measured_how_late_the_loop_wakes(clock: StillClock) -> None:
    watching = asyncio.create_task(loop_lag.watch(clock))
    for late in (0.3, 0.0):
        await eventually(lambda: clock.asleep == 1)
        await clock.forward(loop_lag.EVERY_S + late)
        await eventually(lambda late=late: measured("reelhook_loop_lag_seconds") == pytest.approx(late))  # type: ignore[misc]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
