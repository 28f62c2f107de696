"""Which entries of the audit log are meant."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal, or_, select, type_coerce
from sqlalchemy.types import Text

from reelhook.db.tables import api_keys, audit, people
from reelhook.kit.text import storable


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """All that is given must hold.

    *actor* is one (`person:ID`) or, ending in a colon, all of a kind (`key:`); *action* is one (`person.create`) or,
    ending in a dot, all about a thing (`person.`). The entry was written at *since* or later, and before *until*.
    *words* stand in any part of it, or in the name of the person or key that did it or that it was done to.
    """

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None

    def condition(self) -> ColumnElement[bool]:
        parts: list[ColumnElement[bool]] = []
        if self.actor:
            parts.append(_one_or_all(audit.c.actor, storable(self.actor), ":"))
        if self.action:
            parts.append(_one_or_all(audit.c.action, storable(self.action), "."))
        if self.target:
            parts.append(audit.c.target == storable(self.target))
        if self.since:
            parts.append(audit.c.at >= self.since)
        if self.until:
            parts.append(audit.c.at < self.until)
        if self.words and (words := storable(self.words)):
            parts.append(_says(words))
        return and_(literal(True), *parts)


def _one_or_all(column: ColumnElement[str], wanted: str, end: str) -> ColumnElement[bool]:
    return column.startswith(wanted, autoescape=True) if wanted.endswith(end) else column == wanted


def _says(words: str) -> ColumnElement[bool]:
    data: ColumnElement[str] = type_coerce(audit.c.data, Text())
    columns = (audit.c.actor, audit.c.action, audit.c.target, audit.c.remote, data)
    # By name: those who have one are few, and the log itself names them by id.
    persons = select(people.c.id).where(people.c.email.icontains(words, autoescape=True))
    keys = select(api_keys.c.id).where(api_keys.c.name.icontains(words, autoescape=True))
    return or_(
        *(column.icontains(words, autoescape=True) for column in columns),
        audit.c.actor.in_(select(literal("person:") + persons.subquery().c.id)),
        audit.c.actor.in_(select(literal("key:") + keys.subquery().c.id)),
        audit.c.target.in_(persons),
        audit.c.target.in_(keys),
    )
