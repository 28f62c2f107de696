"""Sentry cannot be reached when a crash is to be reported, and then nothing is lost for a while."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from reelhook import crashes
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World

NOBODY = SecretStr("http://0123456789abcdef@127.0.0.1:9/7")


async def cause(world: World) -> AsyncIterator[Severity]:
    import sentry_sdk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crashes, "_losses", crashes._Losses(world.clock))
        with crashes.reported(NOBODY):
            sentry_sdk.capture_exception(RuntimeError("it broke"))
        yield Severity.WARNING
        world.passes(minutes=10)
