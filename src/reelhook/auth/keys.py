"""API keys for programs: `rhk_<prefix>_<secret>`, shown once, kept as a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from reelhook.auth import changes
from reelhook.auth.audit import Audit
from reelhook.auth.changes import Changes
from reelhook.auth.digest import digest
from reelhook.auth.later import Later
from reelhook.auth.principal import Principal, of_key
from reelhook.auth.roles import ALWAYS, ROLES, scopes_of
from reelhook.db import Database, Tx
from reelhook.db.tables import api_keys
from reelhook.errors import NotFound, WrongInput
from reelhook.kit.cache import Cache
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page

START = "rhk_"
PREFIX_BYTES = 4
SECRET_BYTES = 32
NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewKey:
    """A key just made; *key* is the only copy of the secret there will ever be."""

    id: str
    key: str
    row: Row[Any]


class ApiKeys:
    """Made and revoked by admins, found by the gate."""

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
        self, by: Principal, name: str, role: str, scopes: Sequence[str] | None = None, *, remote: str | None = None
    ) -> NewKey:
        """A new key of *role*, narrowed to *scopes* when given. Raises *WrongInput* or *Forbidden*."""
        narrowed = _narrowed(role, scopes)
        by.require_power_over(scopes_of(role, narrowed))
        prefix = self._ids.token(PREFIX_BYTES)
        key, key_id = f"{START}{prefix}_{self._ids.token(SECRET_BYTES)}", self._ids.new()
        values = {"id": key_id, "name": name, "prefix": prefix, "key_hash": digest(key), "role": role}
        kept = None if narrowed is None else sorted(narrowed)

        def work(tx: Tx) -> Row[Any]:
            tx.execute(insert(api_keys).values(**values, scopes=kept, created_at=self._clock.now()))
            self._audit.record(tx, by, "key.create", key_id, remote, name=name, role=role, scopes=kept)
            return tx.execute(select(api_keys).where(api_keys.c.id == key_id)).one()

        return NewKey(key_id, key, await self._db.write(work))

    async def find(self, key: str) -> Principal | None:
        """The principal of a key that is good; None for every other text."""
        if not key.startswith(START):
            return None
        hashed = digest(key)
        return await self._recognised.get(hashed, lambda: self._look_up(hashed))

    async def _look_up(self, hashed: str) -> Principal | None:
        found = select(api_keys).where(api_keys.c.key_hash == hashed, api_keys.c.revoked_at.is_(None))
        row = await self._db.read(lambda conn: conn.execute(found).one_or_none())
        if row is None:
            return None
        if row.last_used_at is None or self._clock.now() - row.last_used_at >= NOTE_USE_EVERY:
            self._later.write(row.id, lambda tx: self._note_use(tx, row.id))
        return of_key(row.id, row.name, row.role, None if row.scopes is None else frozenset(row.scopes))

    async def entries(self, page: Page) -> Sequence[Row[Any]]:
        """All keys, revoked ones too, newest first, one more than the page holds."""
        return await self._db.read(lambda conn: conn.execute(page.select(select(api_keys), api_keys.c.id)).all())

    async def revoke(self, by: Principal, key_id: str, *, remote: str | None = None) -> None:
        """It stops working with this commit, and so do the stream tokens it gave out. Doing it twice is no error."""

        def work(tx: Tx) -> None:
            row = tx.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
            if row is None:
                raise NotFound(f"there is no API key {key_id}")
            if row.revoked_at is None:
                tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=self._clock.now()))
                self._audit.record(tx, by, "key.revoke", key_id, remote, name=row.name)
                self._changes.tell(tx, changes.key(key_id))

        await self._db.write(work)

    def _note_use(self, tx: Tx, key_id: str) -> None:
        tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=self._clock.now()))


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
