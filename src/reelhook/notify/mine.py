"""What one person was told: the list, what is seen, who rings, and how each way went."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from reelhook.db import Database, Tx
from reelhook.db.tables import notification_deliveries, notifications
from reelhook.errors import NotFound
from reelhook.jobs import Queue
from reelhook.jobs.kinds import SendNotification
from reelhook.kit.clock import Clock
from reelhook.kit.pages import Page
from reelhook.kit.times import rfc3339
from reelhook.notify.channel import Channel
from reelhook.notify.errors import NotToRepeat
from reelhook.notify.ledger import Ledger
from reelhook.notify.shown import publish, shown, unseen
from reelhook.realtime.log import head

RINGS_FOR = timedelta(minutes=10)  # what is older is no news: it is seen in the list
AGAIN = "the notification was sent again"
Json = dict[str, Any]


class Mine:
    """Everything here is one person's own; nobody else's is ever found."""

    def __init__(self, db: Database, clock: Clock, queue: Queue, ledger: Ledger, channels: Sequence[Channel]) -> None:
        self._db, self._clock, self._queue, self._ledger = db, clock, queue, ledger
        self._outside = {channel.name for channel in channels}

    async def entries(self, person_id: str, page: Page, *, only_unseen: bool) -> Json:
        """Newest first, with how many are unseen, and where the stream goes on from here."""
        theirs = select(notifications).where(notifications.c.person_id == person_id)
        if only_unseen:
            theirs = theirs.where(notifications.c.seen_at.is_(None))

        def read(conn: Connection) -> Json:
            stream_id = head(conn)  # first: what is committed from here on is heard
            rows = conn.execute(page.select(theirs, notifications.c.id)).all()
            listed = page.listing([shown(row._mapping) for row in rows], lambda one: str(one["id"]))
            return listed.model_dump() | {"unseen": unseen(conn, person_id), "stream_id": stream_id}

        return await self._db.read(read)

    async def see(self, person_id: str, up_to: str | None, ids: Sequence[str]) -> None:
        """Mark those as seen, the one named by *up_to* and all before it; every browser of theirs hears of it."""
        which = [notifications.c.id.in_(ids)] + ([] if up_to is None else [notifications.c.id <= up_to])
        fresh = notifications.c.person_id == person_id, notifications.c.seen_at.is_(None), or_(*which)

        def work(tx: Tx) -> None:
            now = self._clock.now()
            changed = tx.execute(update(notifications).where(*fresh).values(seen_at=now).returning(notifications))
            for row in sorted(changed, key=lambda row: str(row.id)):
                publish(tx, row._mapping, now)

        await self._db.write(work)

    async def claim(self, person_id: str, id: str, effect: str, device: str) -> bool:
        """Whether this *device* is the one that rings, or shows it. Raises *NotFound*."""

        def work(tx: Tx) -> bool:
            row = _one(tx.conn, person_id, id)
            now = self._clock.now()
            if now - row.created_at > RINGS_FOR:
                return False
            table = notification_deliveries
            free = (table.c.notification_id == id, table.c.channel == effect, table.c.state == "pending")
            taken = update(table).where(*free).values(state="sent", target=device, at=now)
            return bool(tx.execute(taken).rowcount)

        return await self._db.write(work)

    async def deliveries(self, person_id: str, id: str) -> Json:
        """How each way went. Raises *NotFound*."""

        def read(conn: Connection) -> Json:
            _one(conn, person_id, id)
            table = notification_deliveries
            rows = conn.execute(select(table).where(table.c.notification_id == id).order_by(table.c.channel))
            return {"data": [_delivery(row) for row in rows]}

        return await self._db.read(read)

    async def again(self, person_id: str, id: str, channel: str) -> None:
        """Send once more what failed, or whose end nobody knows. Raises *NotFound*, *NotToRepeat*."""

        def work(tx: Tx) -> None:
            _one(tx.conn, person_id, id)
            table = notification_deliveries
            mine = table.c.notification_id == id, table.c.channel == channel
            row = tx.execute(select(table).where(*mine).with_for_update()).first()
            if row is None or channel not in self._outside:
                raise NotToRepeat(f"{channel} was no way by which this was sent")
            again = self._ledger.anew(tx, row)
            before = SendNotification(delivery_id=row.id, channel=channel, again=row.again)
            self._queue.put_aside(tx, before, AGAIN)
            self._queue.add(tx, before.model_copy(update={"again": again}))

        await self._db.write(work)


def _one(conn: Connection, person_id: str, id: str) -> Row[Any]:
    mine = notifications.c.id == id, notifications.c.person_id == person_id
    row = conn.execute(select(notifications).where(*mine)).first()
    if row is None:
        raise NotFound(f"there is no notification {id} of yours")
    return row


def _delivery(row: Row[Any]) -> Json:
    plain = {name: row._mapping[name] for name in ("channel", "target", "error")}
    return plain | {"state": "pending" if row.state == "sending" else row.state, "at": rfc3339(row.at)}
