"""The secrets of an endpoint: sealed in the table, several alive while one replaces another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from reelhook.db import Tx
from reelhook.db.tables import subscription_secrets
from reelhook.errors import Conflict
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import CannotUnseal, Sealer
from reelhook.notify.channels.webhook.errors import NoSecret
from reelhook.notify.channels.webhook.signing import new_secret

# Each makes the header longer by one signature.
MOST_ALIVE = 5

table = subscription_secrets.c


class Secrets:
    """Makes and replaces secrets, inside the caller's transaction."""

    def __init__(self, sealer: Sealer, clock: Clock, ids: Ids) -> None:
        self._sealer, self._clock, self._ids = sealer, clock, ids

    def add(self, tx: Tx, endpoint_id: str) -> str:
        """A new secret. What is returned is the only clear copy there will ever be."""
        secret = new_secret(self._ids)
        row = {
            "id": self._ids.new(),
            "endpoint_id": endpoint_id,
            "sealed": self._sealer.seal(secret),
            "created_at": self._clock.now(),
        }
        tx.execute(insert(subscription_secrets), row)
        return secret

    def rotate(self, tx: Tx, endpoint_id: str, overlap: timedelta) -> str:
        """A new secret; the ones before sign along for *overlap*, or less where that was said before.

        Raises *Conflict* when so many are alive already.
        """
        now = self._clock.now()
        tx.execute(delete(subscription_secrets).where(table.endpoint_id == endpoint_id, table.expires_at <= now))
        if overlap and len(alive(tx.conn, endpoint_id, now)) >= MOST_ALIVE:
            raise Conflict(f"{MOST_ALIVE} secrets are alive; wait until one of them ends, or rotate with overlap_h 0")
        later = or_(table.expires_at.is_(None), table.expires_at > now + overlap)
        ended = update(subscription_secrets).where(table.endpoint_id == endpoint_id, later)
        tx.execute(ended.values(expires_at=now + overlap))
        return self.add(tx, endpoint_id)

    def opened(self, rows: Sequence[Row[Any]]) -> list[str]:
        """Those of *rows* that can be opened. Raises *NoSecret* when none can."""
        found = [secret for row in rows if (secret := self._opened(row)) is not None]
        if not found:
            raise NoSecret(
                "no secret of this endpoint can be opened; put the earlier key back into REELHOOK_SECRET_KEY"
            )
        return found

    def _opened(self, row: Row[Any]) -> str | None:
        try:
            return self._sealer.open(row.sealed)
        except CannotUnseal:
            return None


def alive(conn: Connection, endpoint_id: str, now: datetime) -> list[Row[Any]]:
    """The secrets that sign now, the newest first."""
    lives = or_(table.expires_at.is_(None), table.expires_at > now)
    found = select(subscription_secrets).where(table.endpoint_id == endpoint_id, lives).order_by(table.id.desc())
    return list(conn.execute(found))
