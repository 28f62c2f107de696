"""Webhooks to builders' systems, as the Standard Webhooks describe them.

Offers `Webhooks`, the room wired, and `Outbox`, which queues what was said.
"""

from reelhook.notify.channels.webhook.outbox import Outbox
from reelhook.notify.channels.webhook.room import Webhooks

__all__ = ["Outbox", "Webhooks"]
