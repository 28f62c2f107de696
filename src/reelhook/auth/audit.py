"""Who changed what, from where: written in the same transaction as the change itself."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select

from reelhook.auth.principal import Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import audit
from reelhook.kit.clock import Clock
from reelhook.kit.pages import Page


class Audit:
    """The audit log. Entries are never changed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def record(
        self, tx: Tx, actor: Principal | str, action: str, target: str | None, remote: str | None, **data: Any
    ) -> None:
        """Append to *tx*. *action* is `noun.verb`, *target* the id of what was changed; *data* must hold no secrets."""
        if isinstance(actor, Principal):
            data = {"actor_name": actor.name} | data
            actor = actor.actor
        entry = {"at": self._clock.now(), "actor": actor, "action": action, "target": target, "remote": remote}
        tx.execute(insert(audit).values(**entry, data=data))

    async def entries(self, page: Page) -> Sequence[Row[Any]]:
        """Newest first, one more than the page holds."""
        return await self._db.read(lambda conn: conn.execute(page.select(select(audit), audit.c.id)).all())
