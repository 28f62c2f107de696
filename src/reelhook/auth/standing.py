"""Whether those who were let in some time ago would be let in now, as the same: open streams ask."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, null, select

from reelhook.auth import changes
from reelhook.auth.keys import still_good
from reelhook.auth.principal import Principal
from reelhook.db import Database
from reelhook.db.tables import api_keys, people, sessions
from reelhook.kit.clock import Clock

AT_ONCE = 500

Roles = dict[str, str | None]


class Standing:
    """Asks the database itself, past every cache."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def lost(self, principals: Collection[Principal]) -> set[Principal]:
        """Those whose key, session or person has ended, or who have another role by now.

        It takes a few queries, however many they are. Raises *DatabaseUnavailable*.
        """
        named = {ground for principal in principals for ground in principal.rests_on}
        if not named:
            return set()
        now = self._clock.now()
        good = await self._db.read(lambda conn: _good(conn, named, now))
        return {principal for principal in principals if not _stands(principal, good)}


def _stands(principal: Principal, good: Roles) -> bool:
    if any(ground not in good for ground in principal.rests_on):
        return False
    return good.get(principal.actor) in (None, principal.role)


def _good(conn: Connection, named: Collection[str], now: datetime) -> Roles:
    """Those of *named* that are good, and the roles they give."""
    keys = select(api_keys.c.id, api_keys.c.role).where(*still_good(now))
    enabled = select(people.c.id, people.c.role).where(people.c.disabled_at.is_(None))
    running = select(sessions.c.token_hash, null()).where(sessions.c.expires_at > now)
    return {
        **_found(conn, keys, api_keys.c.id, changes.key(""), named),
        **_found(conn, enabled, people.c.id, changes.person(""), named),
        **_found(conn, running, sessions.c.token_hash, changes.session(""), named),
        **{ground: None for ground in named if ground.startswith("local:")},
    }


def _found(conn: Connection, rows: Select[Any], column: Column[Any], start: str, named: Collection[str]) -> Roles:
    wanted = [ground.removeprefix(start) for ground in named if ground.startswith(start)]
    return {start + name: role for page in _pages(wanted) for name, role in conn.execute(rows.where(column.in_(page)))}


def _pages(names: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), AT_ONCE):
        yield names[first : first + AT_ONCE]
