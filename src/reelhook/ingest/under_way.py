"""Changes at HeyGen that were begun: the Idempotency-Key of each is on disk before HeyGen is asked.

HeyGen tells a secret once. When its answer is lost, with the line or with this process, the same key gets the same
answer again for 24 hours; so the key is forgotten only in the transaction that stores the secret.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, delete, select, update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks

# HeyGen's 24 hours, less what clocks and slow answers may take.
REPEATABLE = timedelta(hours=23)
PREFIX = "heygen:"

Kind = Literal["register", "rotate"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change that HeyGen was, or is about to be, asked for. *target*: the URL to register, or the endpoint's id."""

    kind: Kind
    target: str
    key: str
    begun_at: datetime

    def repeatable(self, now: datetime) -> bool:
        """Whether HeyGen still knows what it answered."""
        return now - self.begun_at < REPEATABLE


def begin(tx: Tx, kind: Kind, target: str, key: str, now: datetime) -> Change:
    """The change as it was begun before, else one that begins now with *key*."""
    new = Change(kind, target, key, now)
    name, value = _name(kind, target), _written(new)
    if insert_or_ignore(tx, marks, [{"name": name, "value": value}], returning=[marks.c.name]):
        return new
    earlier = _read(tx.execute(select(marks.c.value).where(marks.c.name == name)).scalar_one())
    if earlier.repeatable(now):
        return earlier
    tx.execute(update(marks).where(marks.c.name == name).values(value=value))
    return new


def end(tx: Tx, change: Change) -> None:
    """Forget it: what HeyGen answered is stored, or was no."""
    tx.execute(delete(marks).where(marks.c.name == _name(change.kind, change.target)))


def under_way(conn: Connection) -> tuple[Change, ...]:
    """What was begun and not ended, oldest first."""
    found = conn.execute(select(marks.c.value).where(marks.c.name.startswith(PREFIX))).scalars()
    return tuple(sorted(map(_read, found), key=lambda change: change.begun_at))


def _name(kind: Kind, target: str) -> str:
    """Ids and URLs may be long, names of marks may not."""
    return PREFIX + hashlib.sha256(f"{kind} {target}".encode()).hexdigest()[:32]


def _written(change: Change) -> str:
    return orjson.dumps(change).decode()


def _read(value: str) -> Change:
    told: dict[str, Any] = orjson.loads(value)
    return Change(**{**told, "begun_at": datetime.fromisoformat(told["begun_at"])})
