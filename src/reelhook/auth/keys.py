"""API keys for programs: `rhk_<prefix>_<secret>`, shown once, kept as a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, or_, select, update

from reelhook.auth import changes
from reelhook.auth.audit import Audit
from reelhook.auth.changes import Changes
from reelhook.auth.digest import digest
from reelhook.auth.later import Later
from reelhook.auth.principal import Principal, of_key
from reelhook.auth.refusals import KeyEnded
from reelhook.auth.roles import ALWAYS, ROLES, scopes_of
from reelhook.db import Database, Tx
from reelhook.db.rows import row_of
from reelhook.db.tables import api_keys
from reelhook.errors import WrongInput
from reelhook.kit.cache import Cache
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page

START = "rhk_"
PREFIX_BYTES = 4
SECRET_BYTES = 32
NOTE_USE_EVERY = timedelta(minutes=1)
LONGEST_DAYS = 3650
# How long the old secret goes on working beside the new one, in hours.
USUAL_OVERLAP_H, LONGEST_OVERLAP_H = 24, 24 * 30


@dataclass(frozen=True)
class NewKey:
    """A key just made, or made anew; *key* is the only copy of the secret there will ever be."""

    id: str
    key: str
    row: Row[Any]


class ApiKeys:
    """Made, rotated and revoked by admins, found by the gate."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        later: Later,
        told: Changes,
        recognised: Cache[str, Principal | None],
    ) -> None:
        self._db, self._clock, self._ids = db, clock, ids
        self._audit, self._later, self._changes, self._recognised = audit, later, told, recognised

    async def create(
        self,
        by: Principal,
        name: str,
        role: str,
        scopes: Sequence[str] | None = None,
        *,
        ttl_days: int | None = None,
        remote: str | None = None,
    ) -> NewKey:
        """A new key of *role*, narrowed to *scopes* when given, good for *ttl_days* (None: until it is revoked).

        Raises *WrongInput* or *Forbidden*.
        """
        narrowed, now = _narrowed(role, scopes), self._clock.now()
        by.require_power_over(scopes_of(role, narrowed))
        prefix, key = self._secret()
        expires_at = None if ttl_days is None else now + timedelta(days=ttl_days)
        values = {"id": self._ids.new(), "name": name, "prefix": prefix, "key_hash": digest(key), "role": role}
        kept = None if narrowed is None else sorted(narrowed)

        def work(tx: Tx) -> Row[Any]:
            tx.execute(insert(api_keys).values(**values, scopes=kept, created_at=now, expires_at=expires_at))
            told = {"name": name, "role": role, "scopes": kept, "ttl_days": ttl_days}
            self._audit.record(tx, by, "key.create", values["id"], remote, **told)
            return row_of(tx.conn, api_keys, values["id"], "API key")

        return NewKey(values["id"], key, await self._db.write(work))

    async def find(self, key: str) -> Principal | None:
        """The principal of a key that is good; None for every other text."""
        if not key.startswith(START):
            return None
        hashed = digest(key)
        return await self._recognised.get(hashed, lambda: self._look_up(hashed))

    async def _look_up(self, hashed: str) -> Principal | None:
        now = self._clock.now()
        # Two indexes, one query.
        by_previous = and_(api_keys.c.previous_hash == hashed, api_keys.c.previous_until > now)
        found = select(api_keys).where(or_(api_keys.c.key_hash == hashed, by_previous), *still_good(now))
        row = await self._db.read(lambda conn: conn.execute(found).one_or_none())
        if row is None:
            return None
        is_previous = row.key_hash != hashed
        self._note_use(row, now, is_previous)
        ends = [end for end in (row.expires_at, row.previous_until if is_previous else None) if end is not None]
        narrowed = None if row.scopes is None else frozenset(row.scopes)
        return of_key(row.id, row.name, row.role, narrowed, min(ends, default=None))

    async def entries(self, page: Page) -> Sequence[Row[Any]]:
        """All keys, revoked ones too, newest first, one more than the page holds."""
        return await self._db.read(lambda conn: conn.execute(page.select(select(api_keys), api_keys.c.id)).all())

    async def rotate(
        self, by: Principal, key_id: str, overlap_h: int = USUAL_OVERLAP_H, *, remote: str | None = None
    ) -> NewKey:
        """A new secret for the same key: same id, so the same videos. The old one works for *overlap_h* hours more.

        A secret older than that ends at once. Streams that are open begin anew, so that each knows which secret it
        rests on. Raises *NotFound*, *Forbidden*, *KeyEnded*.
        """
        prefix, key = self._secret()

        def work(tx: Tx) -> Row[Any]:
            row, now = row_of(tx.conn, api_keys, key_id, "API key", lock=True), self._clock.now()
            narrowed = None if row.scopes is None else frozenset(row.scopes)
            # Whoever sees the new secret is that key: nobody gets by this what they could not make.
            by.require_power_over(scopes_of(row.role, narrowed))
            if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
                raise KeyEnded(f"the API key {key_id} was revoked or has expired; make a new one")
            values = {"prefix": prefix, "key_hash": digest(key), "rotated_at": now, "previous_used_at": None}
            if overlap_h:
                values |= {"previous_hash": row.key_hash, "previous_until": now + timedelta(hours=overlap_h)}
            else:
                values |= {"previous_hash": None, "previous_until": None}
            tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))
            self._audit.record(tx, by, "key.rotate", key_id, remote, overlap_h=overlap_h)
            self._changes.tell(tx, changes.key(key_id))
            return row_of(tx.conn, api_keys, key_id, "API key")

        return NewKey(key_id, key, await self._db.write(work))

    async def revoke(self, by: Principal, key_id: str, *, remote: str | None = None) -> None:
        """It stops working with this commit, and so do the stream tokens it gave out. Doing it twice is no error."""

        def work(tx: Tx) -> None:
            if row_of(tx.conn, api_keys, key_id, "API key").revoked_at is None:
                tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=self._clock.now()))
                self._audit.record(tx, by, "key.revoke", key_id, remote)
                self._changes.tell(tx, changes.key(key_id))

        await self._db.write(work)

    def _secret(self) -> tuple[str, str]:
        """A prefix to tell keys apart by, and the whole key."""
        prefix = self._ids.token(PREFIX_BYTES)
        return prefix, f"{START}{prefix}_{self._ids.token(SECRET_BYTES)}"

    def _note_use(self, row: Row[Any], now: datetime, is_previous: bool) -> None:
        """Soon, behind the request, and seldom; by the old secret apart, so that one sees when nobody needs it more."""
        noted = [("last_used_at", row.last_used_at), *([("previous_used_at", row.previous_used_at)] * is_previous)]
        due = {column: now for column, last in noted if last is None or now - last >= NOTE_USE_EVERY}
        if due:
            # The secret in the condition: a rotation meanwhile begins its own count.
            statement = update(api_keys).where(api_keys.c.id == row.id, api_keys.c.key_hash == row.key_hash)

            def work(tx: Tx) -> None:
                tx.execute(statement.values(**due))

            self._later.write(f"{row.id}{is_previous}", work)


def still_good(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a key opens anything."""
    return api_keys.c.revoked_at.is_(None), or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)


def _narrowed(role: str, scopes: Sequence[str] | None) -> frozenset[str] | None:
    if role not in ROLES:
        raise WrongInput(f"{role!r} is not a role; use {', '.join(ROLES)}")
    if scopes is None:
        return None
    beyond = sorted(set(scopes) - ROLES[role])
    if beyond:
        raise WrongInput(
            f"the role {role} does not have: {', '.join(beyond)}; it has: {', '.join(sorted(ROLES[role]))}"
        )
    return frozenset(scopes) | ALWAYS
