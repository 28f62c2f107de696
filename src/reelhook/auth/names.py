"""Whom an entry of the audit log speaks of, by the name they have now: an entry keeps ids alone.

So an erased person is `erased-<id>` in the whole log, at once, and a log that cannot be changed needs no change.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from reelhook.db.tables import api_keys, audit, people

PERSON, KEY = "person:", "key:"


def with_names() -> Select[Any]:
    """Entries with `actor_name` and `target_name`, null for what is neither a person nor a key. By primary keys."""
    actor_person, actor_key = people.alias(), api_keys.alias()
    target_person, target_key = people.alias(), api_keys.alias()
    return (
        select(
            audit,
            func.coalesce(actor_person.c.email, actor_key.c.name).label("actor_name"),
            func.coalesce(target_person.c.email, target_key.c.name).label("target_name"),
        )
        .outerjoin(actor_person, _is(PERSON, actor_person.c.id))
        .outerjoin(actor_key, _is(KEY, actor_key.c.id))
        .outerjoin(target_person, target_person.c.id == audit.c.target)
        .outerjoin(target_key, target_key.c.id == audit.c.target)
    )


def names_of(conn: Connection, actors: Sequence[str]) -> dict[str, str]:
    """The names of those *actors* that are people or keys."""
    found: dict[str, str] = {}
    for kind, ident, name in ((PERSON, people.c.id, people.c.email), (KEY, api_keys.c.id, api_keys.c.name)):
        wanted = [actor.removeprefix(kind) for actor in actors if actor.startswith(kind)]
        rows = conn.execute(select(ident, name).where(ident.in_(wanted)))
        found |= {kind + row[0]: row[1] for row in rows}
    return found


def _is(kind: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(audit.c.actor.startswith(kind), column == func.substr(audit.c.actor, len(kind) + 1))
