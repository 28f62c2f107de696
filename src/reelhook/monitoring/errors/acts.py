"""What people do about errors; each with an entry in the audit log."""

from typing import Any

from sqlalchemy import update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import error_groups
from reelhook.errors import Conflict
from reelhook.kit.clock import Clock
from reelhook.monitoring.errors import records
from reelhook.monitoring.records import Json


class ErrorActs:
    """Each returns the group as it is then. Raises *NotFound*, and *Conflict* where there is nothing to do."""

    def __init__(self, db: Database, clock: Clock, audit: Audit) -> None:
        self._db, self._clock, self._audit = db, clock, audit

    async def resolve(self, by: Principal, error_id: str) -> Json:
        """Its cause was mended. It is open again by itself when it happens once more."""
        mended = {"resolved_at": self._clock.now(), "resolved_by": by.actor}
        return await self._set(by, error_id, "error.resolve", mended)

    async def reopen(self, by: Principal, error_id: str) -> Json:
        """It was not mended after all."""
        return await self._set(by, error_id, "error.reopen", {"resolved_at": None, "resolved_by": None})

    async def _set(self, by: Principal, error_id: str, action: str, values: dict[str, Any]) -> Json:
        def work(tx: Tx) -> Json:
            row = records.find(tx.conn, error_id, lock=True)
            if (row.resolved_at is None) == (values["resolved_at"] is None):
                raise Conflict("it is open already" if row.resolved_at is None else "it is resolved already")
            tx.execute(update(error_groups).where(error_groups.c.id == row.id).values(**values))
            self._audit.record(tx, by, action, row.id, code=row.code, place=row.place)
            return records.detail(tx.conn, row.id)

        return await self._db.write(work)
