"""A person's browsers that take push messages."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, delete, func, select, update

from reelhook.auth import Audit, Principal
from reelhook.auth.refusals import NotAPerson
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import push_subscriptions
from reelhook.errors import Conflict, NotFound, WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.targets import TargetRefused, Targets
from reelhook.notify.channels.push.encryption import BadKeys, browser_key, shared_secret

# Each is a request for every notification of this person.
MOST_BROWSERS = 20
Json = dict[str, Any]
table = push_subscriptions.c


class Browsers:
    """Which they are, and what their owners do about them."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, audit: Audit, targets: Targets) -> None:
        self._db, self._clock, self._ids, self._audit, self._targets = db, clock, ids, audit, targets

    async def listing(self, me: Principal) -> list[Json]:
        """Mine, newest first. What opens them is not told."""
        mine = select(push_subscriptions).where(table.person_id == me.id).order_by(table.id.desc())
        return await self._db.read(lambda conn: [shown(row) for row in conn.execute(mine)])

    async def add(self, me: Principal, endpoint: str, p256dh: str, auth: str, device: str, remote: str | None) -> Json:
        """One more browser, or the same one again. One that another person used before is mine now.

        Raises *NotAPerson*, *WrongInput*, *Conflict*.
        """
        if me.kind != "person":
            raise NotAPerson("push messages go to the browsers of people; this is a program")
        self._check(endpoint, p256dh, auth)
        values = {"person_id": me.id, "p256dh": p256dh, "auth": auth, "device": device, "failed_at": None}

        def work(tx: Tx) -> Json:
            known = select(table.person_id).where(table.endpoint == endpoint)
            if tx.execute(known).scalar() != me.id:
                _make_room(tx.conn, me.id)
            new = {"id": self._ids.new(), "endpoint": endpoint, "created_at": self._clock.now()}
            insert_or_ignore(tx, push_subscriptions, [new | values])
            tx.execute(update(push_subscriptions).where(table.endpoint == endpoint).values(**values))
            row = tx.execute(select(push_subscriptions).where(table.endpoint == endpoint)).one()
            host = urlsplit(endpoint).hostname
            self._audit.record(tx, me, "push_subscription.create", row.id, remote, device=device, host=host)
            return shown(row)

        return await self._db.write(work)

    async def remove(self, me: Principal, id: str, remote: str | None) -> None:
        """Send nothing more to one of mine. Raises *NotFound*."""

        def work(tx: Tx) -> None:
            gone = tx.execute(delete(push_subscriptions).where(table.id == id, table.person_id == me.id))
            if gone.rowcount == 0:
                raise NotFound(f"you have no push subscription {id}")
            self._audit.record(tx, me, "push_subscription.delete", id, remote)

        await self._db.write(work)

    def _check(self, endpoint: str, p256dh: str, auth: str) -> None:
        try:
            self._targets.check(endpoint)
            browser_key(p256dh)
            shared_secret(auth)
        except TargetRefused as refused:
            raise WrongInput(f"endpoint cannot be used: {refused.reason}") from None
        except BadKeys as bad:
            raise WrongInput(f"keys cannot be used: {bad}") from None


def shown(row: Row[Any]) -> Json:
    """A browser as its owner sees it. It knows itself by the *fingerprint*: SHA-256 of its endpoint, in hex."""
    told = {name: getattr(row, name) for name in ("id", "device", "created_at", "last_used_at", "failed_at")}
    fingerprint = hashlib.sha256(row.endpoint.encode()).hexdigest()
    return told | {"host": urlsplit(row.endpoint).hostname, "fingerprint": fingerprint}


def _make_room(conn: Connection, person_id: str) -> None:
    mine = select(func.count()).select_from(push_subscriptions).where(table.person_id == person_id)
    if conn.execute(mine).scalar_one() >= MOST_BROWSERS:
        raise Conflict(f"{MOST_BROWSERS} browsers take push messages for you; turn one off that you no longer use")
