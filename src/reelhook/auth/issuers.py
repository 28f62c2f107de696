"""Who gave a token or a link out, and what they may do now: what they handed to others shares their fate."""

from datetime import datetime

from sqlalchemy import Connection, select

from reelhook.auth import changes
from reelhook.auth.keys import still_good
from reelhook.auth.principal import Principal, local_admin, of_key, of_person
from reelhook.db import Database
from reelhook.db.tables import api_keys, people
from reelhook.kit.cache import Cache
from reelhook.kit.clock import Clock


class Issuers:
    """Finds them by how records name them (`Principal.actor`)."""

    def __init__(self, db: Database, clock: Clock, known: Cache[str, Principal | None]) -> None:
        self._db, self._clock, self._known = db, clock, known

    async def find(self, actor: str) -> Principal | None:
        """*actor* as of now, or a moment ago; None when they have no access any more, or never had."""
        return await self._known.get(actor, lambda: self._look_up(actor))

    async def _look_up(self, actor: str) -> Principal | None:
        now = self._clock.now()
        return await self._db.read(lambda conn: _standing(conn, actor, now))


def _standing(conn: Connection, actor: str, now: datetime) -> Principal | None:
    kind, _, its_id = actor.partition(":")
    if actor == changes.key(its_id):
        key = conn.execute(select(api_keys).where(api_keys.c.id == its_id, *still_good(now))).one_or_none()
        scopes = None if key is None or key.scopes is None else frozenset(key.scopes)
        return None if key is None else of_key(key.id, key.name, key.role, scopes)
    if actor == changes.person(its_id):
        enabled = select(people).where(people.c.id == its_id, people.c.disabled_at.is_(None))
        person = conn.execute(enabled).one_or_none()
        return None if person is None else of_person(person.id, person.email, person.role)
    return local_admin() if kind == "local" else None
