"""A push service on loopback, whose clock is the tests' own."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import StillClock
from tests.notify.push.service import PushService, pushing


@pytest.fixture
async def service(clock: StillClock) -> AsyncIterator[PushService]:
    async with pushing() as one:
        one.now = clock.now().timestamp()
        yield one
