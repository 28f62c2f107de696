"""The jobs that tell people: send one notification by one channel, and say what happened in quiet hours."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import notification_deliveries, notifications, people
from reelhook.jobs import Effect, Failure
from reelhook.jobs.kinds import SendDigest, SendNotification
from reelhook.kit.text import shorten
from reelhook.kit.times import moment, rfc3339
from reelhook.notify.channel import Channel, Notice, Recipient
from reelhook.notify.errors import ChannelMissing
from reelhook.notify.kinds import DIGEST, IN_APP, KINDS
from reelhook.notify.ledger import Ledger
from reelhook.notify.news import MOST_BODY, News
from reelhook.notify.shown import unseen
from reelhook.notify.teller import Teller

MOST_ITEMS = 50
NOTIFICATIONS_PAGE = "/account/notifications"


class SendHandler:
    """Makes one attempt."""

    def __init__(self, db: Database, ledger: Ledger, channels: Mapping[str, Channel]) -> None:
        self._db, self._ledger, self._channels = db, ledger, channels

    async def __call__(self, work: SendNotification) -> Effect | None:
        channel = self._channels.get(work.channel)
        if channel is None:
            raise ChannelMissing(f"there is no channel {work.channel} here")
        loaded = await self._db.read(lambda conn: _load(conn, work.delivery_id))
        if loaded is None:
            return None
        notice, person = loaded
        logs.about(video_id=notice.video_id)
        if person is None:
            gone = "the account was disabled meanwhile"
            return lambda tx: self._ledger.settle(tx, work.delivery_id, work.again, channel.name, "suppressed", gone)
        return await self._ledger.send(
            work.delivery_id,
            work.again,
            channel.name,
            lambda _: channel.send(notice, person),
            certain=channel.certain,
        )

    def on_dead(self, tx: Tx, work: SendNotification, failure: Failure) -> None:
        """All attempts are used: `failed`, with what came back last. Its person can have it sent again."""
        self._ledger.settle(tx, work.delivery_id, work.again, work.channel, "failed", failure.message)


class DigestHandler:
    """Tells a person once what happened in quiet hours: in the app, and by the channels that were held back."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    async def __call__(self, work: SendDigest) -> Effect:
        return lambda tx: self._tell(tx, work)

    def _tell(self, tx: Tx, work: SendDigest) -> None:
        held = (notifications.c.person_id == work.person_id, notifications.c.quiet_until == work.until)
        found = select(notifications.c.id, notifications.c.kind, notifications.c.title).where(*held)
        rows = tx.execute(found.order_by(notifications.c.id)).all()
        if not rows:
            return
        table = notification_deliveries
        ways = select(table.c.channel).join(notifications).where(*held, table.c.state == "suppressed").distinct()
        outside = sorted(set(tx.execute(ways).scalars()) & {"push", "email"})
        self._teller.say(tx, work.person_id, _digest(work, rows), [IN_APP, *outside])


def _digest(work: SendDigest, rows: Sequence[Row[Any]]) -> News:
    counted = Counter(row.kind for row in rows)
    parts = [f"{counted[kind]} {_word(kind, counted[kind])}" for kind in KINDS if counted[kind]]
    return News(
        kind=DIGEST,
        key=f"{DIGEST}:{rfc3339(work.until)}",
        severity="info",
        title=f"While it was quiet: {', '.join(parts)}",
        body=shorten("\n".join(row.title for row in rows), MOST_BODY),
        url=NOTIFICATIONS_PAGE,
    )


def _word(kind: str, number: int) -> str:
    return {"unarchived": "not stored", "incident": "incident" if number == 1 else "incidents"}.get(kind, kind)


def _load(conn: Connection, delivery_id: str) -> tuple[Notice, Recipient | None] | None:
    """What is to be said, and to whom: no *Recipient* when that person is not let in any more; None: it is gone."""
    joined = notifications.join(notification_deliveries)
    found = select(notifications).select_from(joined).where(notification_deliveries.c.id == delivery_id)
    if (row := conn.execute(found).first()) is None:
        return None
    enabled = select(people.c.id, people.c.email).where(people.c.id == row.person_id, people.c.disabled_at.is_(None))
    person = conn.execute(enabled).first()
    said = (row.id, row.kind, row.severity, row.title, row.body, row.url, row.created_at)
    notice = Notice(*said, unseen=unseen(conn, row.person_id), items=_items(conn, row), video_id=row.video_id)
    return notice, None if person is None else Recipient(person.id, person.email)


def _items(conn: Connection, row: Row[Any]) -> Sequence[tuple[str, str]]:
    """What a digest sums up."""
    if row.kind != DIGEST:
        return ()
    until = moment(row.key.partition(":")[2])
    held = (notifications.c.person_id == row.person_id, notifications.c.quiet_until == until)
    found = select(notifications.c.title, notifications.c.url).where(*held).order_by(notifications.c.id)
    return [(one.title, one.url) for one in conn.execute(found.limit(MOST_ITEMS))]
