"""How long it is kept what was said to other systems, with the story of its attempts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import outgoing_messages
from reelhook.kit.ids import Ids
from reelhook.notify.channels.webhook.outbox import message_id
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    """Messages, delivered or not; deliveries and attempts go along."""
    end = now - timedelta(days=config.outgoing_days)
    return (Sweep(outgoing_messages.c.id, fixed(message_id(Ids.first_at(end)))),)
