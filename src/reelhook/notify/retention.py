"""How long it is kept what people, and chats, were told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import chat_messages, notifications
from reelhook.kit.ids import Ids
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    """Seen or not; deliveries go along."""
    end = fixed(Ids.first_at(now - timedelta(days=config.notification_days)))
    return Sweep(notifications.c.id, end), Sweep(chat_messages.c.id, end)
