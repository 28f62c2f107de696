"""Every half minute a hundred streams are opened and lost at once, until something lets them live."""

from collections.abc import AsyncIterator

from reelhook.auth.principal import local_admin
from reelhook.monitoring.rules.rule import Severity
from reelhook.realtime.subscriber import Subscriber
from reelhook.realtime.wants import Wants
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    hub = world.parts.hub

    def storm() -> None:
        for _ in range(100):
            stream = Subscriber(_nowhere, None, Wants(local_admin()), 0)
            hub.add(stream)
            hub.remove(stream)

    world.meanwhile.append(storm)
    yield Severity.CRITICAL
    world.meanwhile.clear()
    world.passes(minutes=1)


async def _nowhere(_: object) -> None:
    return None
