"""What became of each secret: for those who look after them. Never the secret itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, select

from reelhook.db import Database
from reelhook.db.tables import webhook_secrets
from reelhook.ingest.secret_rows import MOST_READ, Held, short
from reelhook.ingest.secrets import SecretBook
from reelhook.kit.clock import Clock

State = Literal["live", "replaced", "retired", "unreadable"]


@dataclass(frozen=True, slots=True)
class Story:
    """One secret. `replaced`: still taken until *retires_at*; `unreadable`: sealed with a key that is gone.

    *uses* are counted since it was replaced; *in_settings*: REELHOOK_HEYGEN_WEBHOOK_SECRETS names it.
    """

    fingerprint: str
    source: str
    endpoint_id: str | None
    state: State
    in_settings: bool
    created_at: datetime
    retires_at: datetime | None
    uses: int
    last_used_at: datetime | None


async def stories(db: Database, book: SecretBook, clock: Clock) -> list[Story]:
    """The newest secrets, newest first, with all uses of this process counted. Raises *DatabaseUnavailable*."""
    await book.load()
    await book.flush()
    query = select(webhook_secrets).order_by(webhook_secrets.c.id.desc()).limit(MOST_READ)
    rows: Sequence[Row[Any]] = await db.read(lambda conn: conn.execute(query).all())
    held, now = {one.fingerprint: one for one in book.held}, clock.now()
    return [_story(row, held.get(row.fingerprint), now) for row in rows]


def _story(row: Row[Any], held: Held | None, now: datetime) -> Story:
    return Story(
        fingerprint=short(row.fingerprint),
        source=row.source,
        endpoint_id=row.heygen_endpoint_id,
        state=_state(row.retired_at, held, now),
        in_settings=held is not None and held.named,
        created_at=row.created_at,
        retires_at=row.retired_at,
        uses=row.uses,
        last_used_at=row.last_used_at,
    )


def _state(retires_at: datetime | None, held: Held | None, now: datetime) -> State:
    if retires_at is not None and retires_at <= now:
        return "retired"
    if held is None:
        return "unreadable"
    return "live" if retires_at is None else "replaced"
