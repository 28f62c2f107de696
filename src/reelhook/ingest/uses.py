"""How often secrets are still used after they were replaced: counted in memory, written together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import webhook_secrets
from reelhook.errors import ReelhookError
from reelhook.ingest.secret_rows import short

log = logs.get("ingest")


@dataclass(slots=True)
class Use:
    """What was not written yet of one secret: *uses*, and how many of them were *refused*."""

    last_at: datetime
    uses: int = 0
    refused: int = 0


class Uses:
    """No delivery waits for this. A process that is killed loses the count of half a minute, no more."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: dict[str, Use] = {}

    def count(self, fingerprint: str, at: datetime, *, refused: bool) -> None:
        """One delivery was signed with this replaced secret."""
        use = self._waiting.setdefault(fingerprint, Use(at))
        use.last_at = max(use.last_at, at)
        use.uses += 1
        use.refused += refused

    async def flush(self) -> None:
        """Write what was counted. What cannot be written is counted on."""
        batch, self._waiting = self._waiting, {}
        if not batch:
            return
        try:
            await self._db.write(lambda tx: _add(tx, batch))
        except Exception as error:  # a count must not end what it counts
            unexpected = None if isinstance(error, ReelhookError) else error
            log.warning("secret.uses_not_written", error=str(error), exc_info=unexpected)
            self._put_back(batch)
            return
        for fingerprint, use in batch.items():
            tell = log.warning if use.refused else log.info
            tell("secret.used_after_replacement", fingerprint=short(fingerprint), uses=use.uses, refused=use.refused)

    def _put_back(self, batch: Mapping[str, Use]) -> None:
        for fingerprint, missed in batch.items():
            use = self._waiting.setdefault(fingerprint, Use(missed.last_at))
            use.last_at = max(use.last_at, missed.last_at)
            use.uses += missed.uses
            use.refused += missed.refused


def _add(tx: Tx, batch: Mapping[str, Use]) -> None:
    """In the order of the keys: two processes that count the same secrets must not wait for each other."""
    for fingerprint, use in sorted(batch.items()):
        row = update(webhook_secrets).where(webhook_secrets.c.fingerprint == fingerprint)
        tx.execute(row.values(uses=webhook_secrets.c.uses + use.uses, last_used_at=use.last_at))
