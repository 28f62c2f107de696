"""What was refused, and why: kept so that a builder can see it, but never without limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from reelhook import logs, metrics
from reelhook.db import Database, Tx
from reelhook.db.tables import rejections
from reelhook.errors import DatabaseUnavailable
from reelhook.events import Known, Secret
from reelhook.inbox.arrival import stored_headers
from reelhook.inbox.rejection_counts import RejectionCounts
from reelhook.inbox.sampling import Sampling
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten, storable

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
    """Keeps rejections. In a flood it keeps a sample; *counts* and the metric count all.

    What may be a secret is masked before it is stored: *secrets* gives those that are known at that moment.
    """

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, secrets: Callable[[], Sequence[Secret]] = lambda: ()
    ) -> None:
        self._db, self._clock, self._ids, self._secrets = db, clock, ids, secrets
        self._sampling = Sampling(clock)
        self.counts = RejectionCounts(db, clock)

    async def keep(self, rejection: Rejection) -> None:
        """Store it before the answer goes out. A row that cannot be stored does not change the answer."""
        metrics.REJECTIONS.labels(rejection.reason).inc()
        kept = self._wanted(rejection) and await self._stored(rejection)
        self.counts.count(rejection.at, rejection.endpoint, rejection.reason, kept=kept)

    def count(self, endpoint: str, reason: str) -> None:
        """Something ended before it could be answered: there is a number of it, but no row."""
        metrics.REJECTIONS.labels(reason).inc()
        self.counts.count(self._clock.now(), endpoint, reason, kept=False)

    def _wanted(self, rejection: Rejection) -> bool:
        # While the database is away the sender would only wait longer, and HeyGen does not wait for long.
        away = rejection.reason == DatabaseUnavailable.code
        return not away and self._sampling.keeps(rejection.reason, rejection.remote)

    async def _stored(self, rejection: Rejection) -> bool:
        try:
            row = self._row(rejection)
            await self._db.write(lambda tx: _insert(tx, row), limit_s=LIMIT_S)
        except Exception as error:  # the answer matters more than the record of it
            unexpected = None if isinstance(error, DatabaseUnavailable) else error
            log.warning("rejection.not_kept", reason=rejection.reason, error=str(error), exc_info=unexpected)
            return False
        return True

    def _row(self, rejection: Rejection) -> dict[str, Any]:
        known = Known(self._secrets())
        body = rejection.body[:KEPT_BODY]
        return {
            "id": self._ids.new(),
            "at": rejection.at,
            "endpoint": rejection.endpoint,
            "status": rejection.status,
            "reason": rejection.reason,
            "detail": shorten(storable(rejection.detail), 1000),
            "remote": rejection.remote,
            "headers": stored_headers(rejection.headers, known),
            # One character for each byte, so that all bytes come back as they were.
            "body": known.masked(body.decode("latin-1")).encode("latin-1"),
            "bytes": len(rejection.body),
        }


def _insert(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(rejections), row)
