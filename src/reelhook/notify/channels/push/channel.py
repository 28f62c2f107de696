"""Push as a way to a person: one notice to all browsers of theirs."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, select, update

from reelhook.db import Database, Tx
from reelhook.db.tables import people, push_subscriptions
from reelhook.errors import ReelhookError
from reelhook.kit.clock import Clock
from reelhook.notify.channel import Notice, Recipient, Sent
from reelhook.notify.channels.push.errors import NotTaken, Refused
from reelhook.notify.channels.push.keys import PushKey
from reelhook.notify.channels.push.payload import payload, topic
from reelhook.notify.channels.push.sender import Browser, Message, Outcome, PushSender

TTL_S = 86_400  # what is a day old is seen in the dashboard
REMEMBERED = 1000
table = push_subscriptions.c


class PushChannel:
    """Sending twice cannot be noticed: the service worker shows one id once, and a message that waits is replaced."""

    name = "push"
    certain = True
    missing = "no browser of yours takes push messages; turn them on in one"

    def __init__(self, db: Database, clock: Clock, key: PushKey, sender: PushSender) -> None:
        self._db, self._clock, self._key, self._sender = db, clock, key, sender
        # Which browsers have it already, for the next attempt at the others.
        self._taken: OrderedDict[str, set[str]] = OrderedDict()

    def reachable(self) -> ColumnElement[bool]:
        """Whether a row of `people` has a browser that takes them."""
        return exists().where(table.person_id == people.c.id)

    async def send(self, notice: Notice, person: Recipient) -> Sent:
        """To every browser that does not have it yet.

        Raises *NotTaken* while one of them may still get it, and *Refused* when none did and none will.
        """
        rows = await self._browsers(person.id)
        if not rows:
            raise Refused(self.missing)
        key, message = await self._key.get(), _message(notice)
        taken = self._taken.get(notice.id, set())
        browsers = [Browser(row.id, row.endpoint, row.p256dh, row.auth) for row in rows if row.id not in taken]
        outcomes = await asyncio.gather(*(self._sender.send(key, browser, message) for browser in browsers))
        taken |= {one.browser_id for one in outcomes if one.error is None}
        await self._db.write(lambda tx: _settle(tx, outcomes, self._clock.now()))
        if waiting := [one.error for one in outcomes if one.error is not None and one.error.retryable]:
            self._remember(notice.id, taken)
            raise _not_yet(waiting, len(taken), len(rows))
        self._taken.pop(notice.id, None)
        return _sent(outcomes, rows, taken)

    async def _browsers(self, person_id: str) -> Sequence[Row[Any]]:
        mine = select(push_subscriptions).where(table.person_id == person_id).order_by(table.id)
        return await self._db.read(lambda conn: conn.execute(mine).all())

    def _remember(self, notice_id: str, taken: set[str]) -> None:
        self._taken[notice_id] = taken
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)


def _message(notice: Notice) -> Message:
    said = payload(
        id=notice.id, title=notice.title, body=notice.body, url=notice.url, kind=notice.kind, badge=notice.unseen
    )
    return Message(said, TTL_S, topic(notice.id), "normal" if notice.severity == "info" else "high")


def _settle(tx: Tx, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What became known of each browser. One that no longer listens is forgotten."""
    for one in outcomes:
        mine = table.id == one.browser_id
        if one.gone:
            tx.execute(delete(push_subscriptions).where(mine))
        elif one.error is None:
            tx.execute(update(push_subscriptions).where(mine).values(last_used_at=now, failed_at=None))
        else:
            tx.execute(update(push_subscriptions).where(mine).values(failed_at=now))


def _not_yet(waiting: Sequence[ReelhookError], taken: int, all: int) -> NotTaken:
    waits = [one.retry_after_s for one in waiting if one.retry_after_s is not None]
    said = f"{taken} of {all} browsers have it; {waiting[0].message}"
    return NotTaken(said, retry_after_s=max(waits, default=None))


def _sent(outcomes: Sequence[Outcome], rows: Sequence[Row[Any]], taken: set[str]) -> Sent:
    refused = [one.error for one in outcomes if one.error is not None]
    if not taken and refused:
        raise refused[0]
    names = [row.device or "a browser" for row in rows if row.id in taken]
    said = "; ".join([f"{len(taken)} of {len(rows)} browsers took it", *(one.message for one in refused)])
    return Sent(target=", ".join(names), said=said)
