"""A builder's system answers that it is gone; somebody mends it and switches it on again."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import DeliverWebhook
from reelhook.monitoring.rules.rule import Severity
from reelhook.notify.channels.webhook.subscriptions import Caller
from tests.archive.host import status
from tests.monitoring.scene import OPERATOR
from tests.monitoring.world import World

BUILDER = Caller(OPERATOR, None)


async def cause(world: World) -> AsyncIterator[Severity]:
    subscriptions = world.parts.webhooks.subscriptions
    world.outside.put("/hook", status(410))
    made, _ = await subscriptions.create(BUILDER, f"{world.outside.url}/hook", description="")
    await world.video("hg-1")
    await world.work(DeliverWebhook.kind)
    yield Severity.WARNING
    world.outside.put("/hook", status(204))
    await subscriptions.change(BUILDER, made["id"], {"paused": False})
