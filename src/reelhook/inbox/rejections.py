"""What was refused, and why: kept so that a builder can see it, but never without limit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.db.tables import rejections
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox.arrival import stored_headers
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.ratelimit import Limit, Pace
from reelhook.kit.text import shorten, storable

KEPT = Limit("rejections", rate=20, burst=100)
KEPT_BODY = 16 * 1024
LIMIT_S = 2.0

log = logs.get("inbox")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused request. *reason* is a stable code, *detail* helps a person, *body* is what was read of it."""

    endpoint: str
    status: int
    reason: str
    detail: str
    remote: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    at: datetime


class Rejections:
    """Keeps rejections. In a flood it keeps a sample; the metric counts all."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db, self._ids = db, ids
        self._pace = Pace(clock, KEPT)

    async def keep(self, rejection: Rejection) -> None:
        """Store it before the answer goes out. A row that cannot be stored does not change the answer."""
        metrics.REJECTIONS.labels(rejection.reason).inc()
        # While the database is away the sender would only wait longer, and HeyGen does not wait for long.
        if rejection.reason == DatabaseUnavailable.code or not self._pace.take():
            return
        try:
            await self._db.write(lambda tx: _insert(tx, self._row(rejection)), limit_s=LIMIT_S)
        except Exception as error:  # the answer matters more than the record of it
            unexpected = None if isinstance(error, DatabaseUnavailable) else error
            log.warning("rejection.not_kept", reason=rejection.reason, error=str(error), exc_info=unexpected)

    def _row(self, rejection: Rejection) -> dict[str, Any]:
        return {
            "id": self._ids.new(),
            "at": rejection.at,
            "endpoint": rejection.endpoint,
            "status": rejection.status,
            "reason": rejection.reason,
            "detail": shorten(storable(rejection.detail), 1000),
            "remote": rejection.remote,
            "headers": stored_headers(rejection.headers),
            "body": rejection.body[:KEPT_BODY],
            "bytes": len(rejection.body),
        }


def _insert(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(rejections), row)
