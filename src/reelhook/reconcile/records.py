"""What runs have done, for people to read: the newest are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from reelhook.db import Tx
from reelhook.db.tables import reconciliations
from reelhook.jobs import Failure
from reelhook.kit.times import rfc3339
from reelhook.reconcile.run import Kind, Look

KEPT = 1000
SHOWN = 20

Json = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run that has ended, well or with a *failure*."""

    kind: Kind
    started_at: datetime
    ended_at: datetime
    look: Look
    failure: Failure | None

    @property
    def is_news(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.look.asked or self.look.found or self.look.report or self.failure)


def record(tx: Tx, run: Run) -> Json:
    """Write a run down, and forget the oldest. The same trouble as at the last run only grows longer."""
    same = _same_trouble(tx, run)
    if same is not None:
        tx.execute(update(reconciliations).where(reconciliations.c.id == same).values(ended_at=run.ended_at))
        run_id = same
    else:
        run_id = tx.execute(insert(reconciliations).values(_row(run)).returning(reconciliations.c.id)).scalar_one()
        tx.execute(delete(reconciliations).where(reconciliations.c.id <= run_id - KEPT))
    return shown(tx.execute(select(reconciliations).where(reconciliations.c.id == run_id)).one())


def newest(conn: Connection) -> Sequence[Json]:
    """The last runs, newest first."""
    rows = conn.execute(select(reconciliations).order_by(reconciliations.c.id.desc()).limit(SHOWN))
    return [shown(row) for row in rows]


def shown(row: Row[Any]) -> Json:
    """A run as the API shows it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at),
        "asked": row.asked,
        "found": row.found,
        "error": row.error,
        "report": row.report,
    }


def _row(run: Run) -> Json:
    return {
        "kind": run.kind,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "asked": run.look.asked,
        "found": run.look.found,
        "error": run.failure.shown() if run.failure else None,
        "report": run.look.report or None,
    }


def _same_trouble(tx: Tx, run: Run) -> int | None:
    """The last run of this kind, if it met the same trouble and neither of them got anywhere."""
    if run.failure is None or run.look.asked:
        return None
    of_kind = select(reconciliations).where(reconciliations.c.kind == run.kind)
    last = tx.execute(of_kind.order_by(reconciliations.c.id.desc()).limit(1)).first()
    if last is None or last.asked or last.error is None or last.error["code"] != run.failure.code:
        return None
    return int(last.id)
