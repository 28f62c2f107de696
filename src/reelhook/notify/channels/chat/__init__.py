"""Messages to chats that admins name: one for each piece of news and chat, sent with apprise (extra `chat`).

Offers `Announcing`, which queues them, and the `Chats` room.
"""

from reelhook.notify.channels.chat.announcing import Announcing
from reelhook.notify.channels.chat.room import Chats

__all__ = ["Announcing", "Chats"]
