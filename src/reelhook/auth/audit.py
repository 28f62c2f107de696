"""Who changed what, from where: written in the same transaction as the change itself."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Row, insert

from reelhook.auth.audit_search import AuditFilter
from reelhook.auth.names import with_names
from reelhook.auth.principal import Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import audit
from reelhook.kit.clock import Clock
from reelhook.kit.pages import Page

EXPORT_PAGE = 500  # entries in memory at a time
SCAN_LIMIT_S = 60.0  # words that stand in few entries are looked for in all of them


class Audit:
    """The audit log. Entries are never changed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def record(
        self, tx: Tx, actor: Principal | str, action: str, target: str | None, remote: str | None = None, **data: Any
    ) -> None:
        """Append to *tx*. *action* is `noun.verb`, *target* the id of what was changed.

        *data* must hold no secrets, and no e-mail addresses: an entry cannot be changed when a person is erased.
        Without *remote* it is the address of the request that the *actor* came with.
        """
        if isinstance(actor, Principal):
            remote = remote or actor.remote
            actor = actor.actor
        entry = {"at": self._clock.now(), "actor": actor, "action": action, "target": target, "remote": remote or None}
        tx.execute(insert(audit).values(**entry, data=data))

    async def entries(self, page: Page, which: AuditFilter | None = None) -> Sequence[Row[Any]]:
        """Those that *which* means, all without it; newest first, one more than the page holds.

        With `actor_name` and `target_name`.
        """
        wanted = with_names().where((which or AuditFilter()).condition())
        return await self._db.read(
            lambda conn: conn.execute(page.select(wanted, audit.c.id)).all(), limit_s=SCAN_LIMIT_S
        )

    async def every(self, which: AuditFilter) -> AsyncIterator[Sequence[Row[Any]]]:
        """All of them in pieces, newest first. What is written meanwhile is not among them."""
        before: int | None = None
        while found := (await self.entries(Page(EXPORT_PAGE, before), which))[:EXPORT_PAGE]:
            yield found
            before = found[-1].id
