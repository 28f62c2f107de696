"""The job that sends one message to one chat."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import chat_destinations, chat_messages
from reelhook.jobs import Effect, Failure
from reelhook.jobs.kinds import SendChat
from reelhook.kit.clock import Clock
from reelhook.kit.sealing import CannotUnseal, Sealer
from reelhook.kit.times import rfc3339
from reelhook.notify.channel import Sent
from reelhook.notify.channels.chat.errors import ChatSealed
from reelhook.notify.channels.chat.sender import ChatSender
from reelhook.notify.ledger import Ledger

CHAT = "chat"


@dataclass(frozen=True)
class ChatHandler:
    """*public_url*: our own address, for the link below a message."""

    db: Database
    clock: Clock
    ledger: Ledger
    sender: ChatSender
    sealer: Sealer
    public_url: str | None

    async def __call__(self, work: SendChat) -> Effect | None:
        sealed = await self.db.read(lambda conn: _sealed(conn, work.message_id))
        if sealed is None:
            return None
        url = opened(self.sealer, sealed)

        async def call(row: Row[Any]) -> Sent:
            logs.about(video_id=row.video_id)
            link = f"\n{self.public_url}{row.url}" if self.public_url else ""
            return await self.sender.send(url, row.severity, row.title, row.body + link)

        settle = await self.ledger.send(work.message_id, work.again, CHAT, call)
        if settle is None:
            return lambda tx: self._remember(tx, work.message_id)

        def both(tx: Tx) -> None:
            settle(tx)
            self._remember(tx, work.message_id)

        return both

    def on_dead(self, tx: Tx, work: SendChat, failure: Failure) -> None:
        self.ledger.settle(tx, work.message_id, work.again, CHAT, "failed", failure.message)
        self._remember(tx, work.message_id)

    def _remember(self, tx: Tx, message_id: str) -> None:
        """With the chat: how its newest message fared."""
        row = tx.execute(select(chat_messages).where(chat_messages.c.id == message_id)).first()
        if row is not None:
            last = remembered(row.state, row.error, rfc3339(self.clock.now()))
            theirs = chat_destinations.c.id == row.destination_id
            tx.execute(update(chat_destinations).where(theirs).values(last=last))


def remembered(state: str, said: str | None, at: str) -> dict[str, Any]:
    return {"state": state, "said": said, "at": at}


def opened(sealer: Sealer, sealed: str) -> str:
    """The address of a chat. Raises *ChatSealed*."""
    try:
        return sealer.open(sealed)
    except CannotUnseal as error:
        raise ChatSealed(
            f"the address of this chat is {error}; give SECRET_KEY back, or set the chat up anew"
        ) from None


def _sealed(conn: Connection, message_id: str) -> str | None:
    joined = chat_destinations.join(chat_messages)
    found = select(chat_destinations.c.sealed).select_from(joined).where(chat_messages.c.id == message_id)
    return conn.execute(found).scalar()
