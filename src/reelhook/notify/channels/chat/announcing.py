"""News is queued for each chat that wants such, in the transaction in which it happens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import chat_destinations, chat_messages
from reelhook.jobs import Queue
from reelhook.jobs.kinds import SendChat
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.notify.news import News

CHATS = (
    select(chat_destinations.c.id, chat_destinations.c.kinds)
    .order_by(chat_destinations.c.id)
    .with_for_update(read=True, key_share=True)
)


class Announcing:
    """Queues messages to chats."""

    def __init__(self, clock: Clock, ids: Ids, queue: Queue) -> None:
        self._clock, self._ids, self._queue = clock, ids, queue

    def announce(self, tx: Tx, said: News) -> None:
        """One message for each chat that asked for this kind; never a second one with the same key."""
        now = self._clock.now()
        common = {**said.row(), "created_at": now, "state": "pending", "at": now}
        rows = [
            {"id": self._ids.new(), "destination_id": chat.id} | common
            for chat in tx.once(_chats)
            if said.kind in chat.kinds
        ]
        for new in insert_or_ignore(tx, chat_messages, rows, returning=[chat_messages.c.id]):
            self._queue.add(tx, SendChat(message_id=new.id))

    def forget(self, tx: Tx, video_id: str) -> None:
        """What was said of a video that is deleted."""
        tx.execute(delete(chat_messages).where(chat_messages.c.video_id == video_id))


def _chats(conn: Connection) -> Sequence[Any]:
    """None of them can be deleted before this transaction ends: else its rows would refer to nothing."""
    return conn.execute(CHATS).all()
