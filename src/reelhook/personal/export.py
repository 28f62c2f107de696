"""One JSON document with all that is known about one person, written piece by piece: it may be long."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Table, or_, select

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.rows import row_of
from reelhook.db.tables import (
    assets,
    audit,
    identities,
    incident_entries,
    incidents,
    muted_videos,
    notification_deliveries,
    notification_preferences,
    notifications,
    people,
    push_subscriptions,
    seen,
    sessions,
    sign_in_links,
    timeline,
    videos,
)
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339

PAGE = 200
# What is only good for getting in, or for us to fetch a file: no part of what is known about a person.
LEFT_OUT = frozenset({"password_hash", "token_hash", "source_url", "location", "upload", "endpoint", "p256dh", "auth"})

Json = dict[str, Any]


class Export:
    """Read in pages, so that a person with very many videos costs no more memory than one with few."""

    def __init__(self, db: Database, clock: Clock, log: Audit) -> None:
        self._db, self._clock, self._audit = db, clock, log

    async def begin(self, by: Principal, person_id: str, remote: str) -> AsyncIterator[bytes]:
        """The document, in pieces. That it was asked for is in the audit log. Raises *NotFound*."""

        def work(tx: Tx) -> Json:
            head = _head(tx.conn, person_id)
            self._audit.record(tx, by, "person.export", person_id, remote)
            return {"exported_at": self._clock.now()} | head

        head = await self._db.write(work)
        return self._pieces(person_id, head)

    async def _pieces(self, person_id: str, head: Json) -> AsyncIterator[bytes]:
        yield _dump(head)[:-1]
        parts = (("audit", _audit), ("incident_entries", _incident_entries), ("notifications", _notifications))
        for name, read in (*parts, ("videos", _videos)):
            yield b',"%s":[' % name.encode()
            first = True
            async for entry in self._entries(read, person_id):
                yield entry if first else b"," + entry
                first = False
            yield b"]"
        yield b"}"

    async def _entries(
        self, read: Callable[[Connection, str, Any], Sequence[Json]], person_id: str
    ) -> AsyncIterator[bytes]:
        after: Any = None
        while True:
            page = await self._db.read(lambda conn, after=after: read(conn, person_id, after))  # type: ignore[misc]
            for entry in page:
                yield _dump(entry)
            if len(page) < PAGE:
                return
            after = page[-1]["id"]


def _head(conn: Connection, person_id: str) -> Json:
    """The account, where it is signed in, its links, who it is elsewhere, what it looks after. Raises *NotFound*."""
    person = row_of(conn, people, person_id, "person")

    def theirs(table: Table) -> list[Json]:
        return [_shown(row) for row in conn.execute(select(table).where(table.c.person_id == person_id))]

    account = _shown(person) | {"has_password": person.password_hash is not None}
    tables = {"sessions": sessions, "links": sign_in_links, "identities": identities, "incidents": incidents}
    tables |= {"preferences": notification_preferences, "muted_videos": muted_videos, "browsers": push_subscriptions}
    return {"account": account} | {name: theirs(table) for name, table in tables.items()}


def _audit(conn: Connection, person_id: str, after: int | None) -> Sequence[Json]:
    """What they did, and what was done about them; oldest first."""
    about = or_(audit.c.actor == f"person:{person_id}", audit.c.target == person_id)
    found = select(audit).where(about, audit.c.id > (after or 0)).order_by(audit.c.id).limit(PAGE)
    return [_shown(row) for row in conn.execute(found)]


def _incident_entries(conn: Connection, person_id: str, after: int | None) -> Sequence[Json]:
    """What they did about incidents, and wrote; oldest first."""
    entries = incident_entries.c
    own = select(incident_entries).where(entries.by == f"person:{person_id}", entries.id > (after or 0))
    return [_shown(row) for row in conn.execute(own.order_by(entries.id).limit(PAGE))]


def _notifications(conn: Connection, person_id: str, after: str | None) -> Sequence[Json]:
    """What they were told, each with how every way went; oldest first."""
    own = select(notifications).where(notifications.c.person_id == person_id, notifications.c.id > (after or ""))
    rows = conn.execute(own.order_by(notifications.c.id).limit(PAGE)).all()
    ways: dict[str, list[Json]] = {}
    theirs = notification_deliveries.c.notification_id.in_([row.id for row in rows])
    for row in conn.execute(select(notification_deliveries).where(theirs).order_by(notification_deliveries.c.id)):
        ways.setdefault(row.notification_id, []).append(_shown(row))
    return [_shown(row) | {"deliveries": ways.get(row.id, [])} for row in rows]


def _videos(conn: Connection, person_id: str, after: str | None) -> Sequence[Json]:
    """The videos that are theirs, each with its files, its story, and where it was seen; oldest first."""
    own = select(videos).where(videos.c.subject == person_id, videos.c.id > (after or ""))
    rows = conn.execute(own.order_by(videos.c.id).limit(PAGE)).all()
    parts = {"assets": assets, "timeline": timeline, "seen": seen}
    found = {name: _by_video(conn, table, [row.id for row in rows]) for name, table in parts.items()}
    return [_shown(row) | {name: of.get(row.id, []) for name, of in found.items()} for row in rows]


def _by_video(conn: Connection, table: Table, video_ids: Sequence[str]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for row in conn.execute(select(table).where(table.c.video_id.in_(video_ids)).order_by(*table.primary_key)):
        found.setdefault(row.video_id, []).append(_shown(row))
    return found


def _shown(row: Row[Any]) -> Json:
    return {str(name): value for name, value in row._mapping.items() if name not in LEFT_OUT}


def _dump(entry: Json) -> bytes:
    return orjson.dumps(entry, default=rfc3339, option=orjson.OPT_PASSTHROUGH_DATETIME)
