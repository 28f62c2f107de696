"""The webhook secrets that are alive, and those that were."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import webhook_secrets
from reelhook.errors import ReelhookError
from reelhook.heygen import Secret
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.ratelimit import TokenBucket
from reelhook.kit.sealing import CannotUnseal, Sealer

RELOADS_PER_S = 0.2

log = logs.get("ingest")


@dataclass(frozen=True, slots=True)
class Known:
    """All secrets we have, at one moment."""

    live: tuple[Secret, ...] = ()
    retired: tuple[Secret, ...] = ()


class SecretBook:
    """Keeps the secrets in memory for the hot path. Settings are the source; the table remembers what was retired."""

    def __init__(
        self, db: Database, sealer: Sealer, clock: Clock, ids: Ids, from_settings: Callable[[], Sequence[str]]
    ) -> None:
        self._db, self._sealer, self._clock, self._ids = db, sealer, clock, ids
        self._from_settings = from_settings
        self._may_reload = TokenBucket(clock, RELOADS_PER_S, 1)
        self.known = Known(live=tuple(Secret(_fingerprint(value), value.strip()) for value in from_settings()))

    async def load(self) -> None:
        """Read settings and table. Raises *DatabaseUnavailable*; what was known before stays."""
        self.known = await self._db.write(lambda tx: self._sync(tx, self._from_settings()))

    async def reload(self) -> bool:
        """Look again, at most once in five seconds, whether there are new secrets. True when the live ones changed."""
        before = self.known.live
        if not self._may_reload.take():
            return False
        try:
            await self.load()
        except ReelhookError as error:
            log.warning("secrets.not_reloaded", error=error.message)
        return self.known.live != before

    def _sync(self, tx: Tx, values: Sequence[str]) -> Known:
        """Make the table agree with the settings: new ones are added, missing ones are retired, returned ones live."""
        now = self._clock.now()
        wanted = {_fingerprint(value): value.strip() for value in values}
        rows = tx.execute(select(webhook_secrets)).fetchall()
        for row in rows:
            retired = row.source == "settings" and row.fingerprint not in wanted
            if retired != (row.retired_at is not None) and row.source == "settings":
                change = update(webhook_secrets).where(webhook_secrets.c.id == row.id)
                tx.execute(change.values(retired_at=now if retired else None))
        known = {row.fingerprint for row in rows}
        for fingerprint in wanted.keys() - known:
            tx.execute(insert(webhook_secrets), self._row(fingerprint, wanted[fingerprint]))
        return self._read(tx)

    def _row(self, fingerprint: str, value: str) -> dict[str, object]:
        return {
            "id": self._ids.new(),
            "source": "settings",
            "fingerprint": fingerprint,
            "sealed": self._sealer.seal(value),
            "created_at": self._clock.now(),
        }

    def _read(self, tx: Tx) -> Known:
        live: list[Secret] = []
        retired: list[Secret] = []
        for row in tx.execute(select(webhook_secrets).order_by(webhook_secrets.c.id.desc())):
            try:
                secret = Secret(row.fingerprint, self._sealer.open(row.sealed))
            except CannotUnseal:
                log.error("secret.cannot_unseal", id=row.id, help="put the earlier key back into REELHOOK_SECRET_KEY")
                continue
            (retired if row.retired_at else live).append(secret)
        return Known(tuple(live), tuple(retired))


def _fingerprint(value: str) -> str:
    return hashlib.sha256(b"reelhook webhook secret\0" + value.strip().encode()).hexdigest()
