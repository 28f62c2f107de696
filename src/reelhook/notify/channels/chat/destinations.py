"""The chats that admins named: each change is committed together with its entry in the audit log."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.rows import row_of
from reelhook.db.tables import chat_destinations, chat_messages
from reelhook.errors import Conflict, NotFound, ReelhookError
from reelhook.jobs import Queue
from reelhook.jobs.kinds import SendChat
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page
from reelhook.kit.sealing import Sealer
from reelhook.kit.times import rfc3339
from reelhook.notify.channels.chat.handler import opened, remembered
from reelhook.notify.channels.chat.sender import ChatSender
from reelhook.notify.channels.chat.urls import hint
from reelhook.notify.errors import OutcomeUnknown
from reelhook.notify.ledger import Ledger

MOST = 50
AGAIN = "the message was sent again"
Json = dict[str, Any]


class ChatDestinations:
    """*sender*, *sealer* and *ledger* are those of the job that sends."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        queue: Queue,
        audit: Audit,
        sender: ChatSender,
        sealer: Sealer,
        ledger: Ledger,
    ) -> None:
        self._db, self._clock, self._ids, self._queue, self._audit = db, clock, ids, queue, audit
        self._sender, self._sealer, self._ledger = sender, sealer, ledger

    async def entries(self) -> list[Json]:
        """All of them, newest first; never their addresses."""
        every = select(chat_destinations).order_by(chat_destinations.c.id.desc())
        return await self._db.read(lambda conn: [_shown(row) for row in conn.execute(every)])

    async def create(self, by: Principal, name: str, url: str, kinds: list[str]) -> Json:
        """Raises *WrongInput* for an address that is not taken, *Conflict* for one chat too many, *NoApprise*."""
        self._sender.check(url)
        row: Json = {"id": self._ids.new(), "name": name, "kinds": kinds, "sealed": self._sealer.seal(url)}
        row |= {"url_hint": hint(url), "created_at": self._clock.now(), "created_by": by.actor, "last": None}

        def work(tx: Tx) -> Json:
            number = tx.execute(select(func.count()).select_from(chat_destinations)).scalar_one()
            if number >= MOST:
                raise Conflict(f"there are {number} chats already; delete one that nobody needs")
            tx.execute(insert(chat_destinations), row)
            self._audit.record(tx, by, "chat_destination.create", row["id"], kinds=kinds, url_hint=row["url_hint"])
            return _shown(row_of(tx.conn, chat_destinations, row["id"], "chat"))

        return await self._db.write(work)

    async def change(self, by: Principal, id: str, asked: Mapping[str, Any]) -> Json:
        """Raises *NotFound*, and as `create` does."""
        values = dict(asked)
        if (url := values.pop("url", None)) is not None:
            self._sender.check(url)
            values |= {"sealed": self._sealer.seal(url), "url_hint": hint(url)}

        def work(tx: Tx) -> Json:
            row_of(tx.conn, chat_destinations, id, "chat")
            if values:
                tx.execute(update(chat_destinations).where(chat_destinations.c.id == id).values(**values))
                self._audit.record(tx, by, "chat_destination.change", id, fields=sorted(asked))
            return _shown(row_of(tx.conn, chat_destinations, id, "chat"))

        return await self._db.write(work)

    async def delete(self, by: Principal, id: str) -> None:
        """With the story of its messages. Raises *NotFound*."""

        def work(tx: Tx) -> None:
            row = row_of(tx.conn, chat_destinations, id, "chat")
            tx.execute(delete(chat_destinations).where(chat_destinations.c.id == id))
            self._audit.record(tx, by, "chat_destination.delete", id, url_hint=row.url_hint)

        await self._db.write(work)

    async def test(self, by: Principal, id: str, body: str) -> Json:
        """Send a message now, and tell what came back. Raises *NotFound*."""
        row = await self._db.read(lambda conn: row_of(conn, chat_destinations, id, "chat"))
        started = self._clock.monotonic()
        try:
            sent = await self._sender.send(opened(self._sealer, row.sealed), "info", "A test of Reelhook", body)
            state, said = "sent", sent.said
        except ReelhookError as error:
            state, said = "unknown" if isinstance(error, OutcomeUnknown) else "failed", error.message
        ms = round((self._clock.monotonic() - started) * 1000)
        last = remembered(state, said, rfc3339(self._clock.now()))

        def work(tx: Tx) -> None:
            tx.execute(update(chat_destinations).where(chat_destinations.c.id == id).values(last=last))
            self._audit.record(tx, by, "chat_destination.test", id, state=state)

        await self._db.write(work)
        return {"channel": "chat", "state": state, "said": said, "ms": ms}

    async def messages(self, id: str, page: Page) -> Json:
        """What was sent, or is to be, newest first. Raises *NotFound*."""

        def read(conn: Connection) -> Json:
            row_of(conn, chat_destinations, id, "chat")
            theirs = select(chat_messages).where(chat_messages.c.destination_id == id)
            rows = conn.execute(page.select(theirs, chat_messages.c.id)).all()
            return page.listing([_message(row) for row in rows], lambda shown: str(shown["id"])).model_dump()

        return await self._db.read(read)

    async def again(self, by: Principal, id: str, message_id: str) -> None:
        """Send once more what failed, or whose end nobody knows. Raises *NotFound*, *NotToRepeat*."""

        def work(tx: Tx) -> None:
            mine = chat_messages.c.id == message_id, chat_messages.c.destination_id == id
            row = tx.execute(select(chat_messages).where(*mine).with_for_update()).first()
            if row is None:
                raise NotFound(f"there is no message {message_id} to this chat")
            again = self._ledger.anew(tx, row)
            self._queue.put_aside(tx, SendChat(message_id=message_id, again=row.again), AGAIN)
            self._queue.add(tx, SendChat(message_id=message_id, again=again))
            self._audit.record(tx, by, "chat_destination.again", id, message=message_id)

        await self._db.write(work)


def _shown(row: Row[Any]) -> Json:
    plain = {name: row._mapping[name] for name in ("id", "name", "kinds", "url_hint", "created_by", "last")}
    return plain | {"created_at": rfc3339(row.created_at)}


def _message(row: Row[Any]) -> Json:
    plain = {name: row._mapping[name] for name in ("id", "kind", "severity", "title", "url", "video_id", "error")}
    state = "pending" if row.state == "sending" else row.state
    return plain | {"state": state, "at": rfc3339(row.at), "created_at": rfc3339(row.created_at)}
