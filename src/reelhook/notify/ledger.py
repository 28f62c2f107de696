"""The state of what is sent to the outside: `pending` → `sending` → `sent`, `failed` or `unknown`.

`sending` is committed before the call. Whoever finds it there knows that a process died, or was stopped, during the
call, and that nobody can say whether the message arrived: then it is not sent again, except by a channel where that
cannot be noticed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, and_, select, update

from reelhook import logs, metrics, tracing
from reelhook.db import Database, Tx
from reelhook.errors import ReelhookError
from reelhook.jobs import Effect
from reelhook.kit.clock import Clock
from reelhook.kit.text import shorten, storable
from reelhook.notify.channel import Sent
from reelhook.notify.errors import NotToRepeat, OutcomeUnknown
from reelhook.units import NotificationAttempted, ms

INTERRUPTED = "the process ended while it was being sent; it may have arrived"
SURPRISED = "something went wrong inside while it was being sent; it may have arrived. The log has the details"
# Nobody looks up a delivery that is not there any more.
TO_SEND = ("pending", "failed")
LONGEST_ERROR = 500

log = logs.get("notify")


@dataclass(frozen=True)
class Ledger:
    """*table* has the columns id, state, again, error and at."""

    db: Database
    clock: Clock
    table: Table

    async def send(
        self,
        id: str,
        again: int,
        channel: str,
        call: Callable[[Row[Any]], Awaitable[Sent]],
        *,
        certain: bool = False,
    ) -> Effect | None:
        """Make one attempt, and return what is to be committed with the job: None when nothing is to be done.

        Raises the *ReelhookError* of an attempt that surely did not arrive, to be tried again by the job's policy.
        """
        row = await self.db.write(lambda tx: self._begin(tx, id, again, channel, certain))
        if row is None:
            return None
        started = self.clock.monotonic()

        def tell(how: Callable[..., Any], result: str, error: ReelhookError | None = None) -> None:
            NotificationAttempted(
                channel=channel,
                delivery_id=id,
                result=result,
                ms=ms(self.clock.monotonic() - started),
                code=error.code if error else None,
                error=error.message if error else None,
            ).write(how)

        try:
            with tracing.span(f"notify {channel}", "client"):
                sent = await call(row)
        except OutcomeUnknown as unknown:
            tell(log.warning, "unknown", unknown)
            if not certain:
                return self._settling(id, again, channel, "unknown", unknown.message)
            await self._put_back(id, again, channel, unknown)
            raise
        except ReelhookError as refused:
            tell(log.warning, "refused", refused)
            await self._put_back(id, again, channel, refused)
            raise
        except Exception as error:  # whatever it was, nobody may be told twice
            log.error("notify.surprised", channel=channel, delivery_id=id, exc_info=error)
            tell(log.warning, "unknown")
            return self._settling(id, again, channel, "unknown", SURPRISED)
        tell(log.info, "sent")
        return self._settling(id, again, channel, "sent", None, target=sent.target)

    def settle(
        self, tx: Tx, id: str, again: int, channel: str, state: str, error: str | None, *, target: str | None = None
    ) -> None:
        """Say what came of it, unless a person has asked for it anew meanwhile."""
        values = {"state": state, "at": self.clock.now(), "error": error and shorten(storable(error), LONGEST_ERROR)}
        if target is not None and "target" in self.table.c:
            values["target"] = target
        mine = and_(self.table.c.id == id, self.table.c.again == again)
        if tx.execute(update(self.table).where(mine).values(**values)).rowcount:
            tx.after_commit(metrics.NOTIFICATIONS.labels(channel, state if state != "pending" else "refused").inc)

    def anew(self, tx: Tx, row: Row[Any]) -> int:
        """Begin anew with what failed, or whose end nobody knows; its new number. Raises *NotToRepeat*."""
        if row.state not in ("failed", "unknown"):
            raise NotToRepeat(f"it is {row.state}; only what failed, or whose end is unknown, can be sent again")
        values = {"state": "pending", "again": row.again + 1, "error": None, "at": self.clock.now()}
        tx.execute(update(self.table).where(self.table.c.id == row.id).values(**values))
        return int(row.again) + 1

    def _begin(self, tx: Tx, id: str, again: int, channel: str, certain: bool) -> Row[Any] | None:
        mine = select(self.table).where(self.table.c.id == id, self.table.c.again == again)
        row = tx.execute(mine.with_for_update()).first()
        if row is not None and row.state == "sending" and not certain:
            self.settle(tx, id, again, channel, "unknown", INTERRUPTED)
            return None
        if row is None or row.state not in (*TO_SEND, "sending"):
            return None
        begun = {"state": "sending", "at": self.clock.now()}
        tx.execute(update(self.table).where(self.table.c.id == id).values(**begun))
        return row

    async def _put_back(self, id: str, again: int, channel: str, error: ReelhookError) -> None:
        await self.db.write(lambda tx: self.settle(tx, id, again, channel, "pending", error.message))

    def _settling(
        self, id: str, again: int, channel: str, state: str, error: str | None, *, target: str | None = None
    ) -> Effect:
        return lambda tx: self.settle(tx, id, again, channel, state, error, target=target)
