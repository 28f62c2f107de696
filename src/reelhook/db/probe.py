"""Whether the database takes a write right now: it may well answer questions while it is locked, full or read-only."""

from sqlalchemy import Connection, select, update

from reelhook.db.engine import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import marks
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock

MARK = "write_probe"
WRITE_S = 2.0
READ_S = 1.0


async def write_and_read(db: Database, clock: Clock) -> None:
    """Commit a small write and read it back. Raises *DatabaseUnavailable*."""
    now = clock.now().isoformat()

    def write(tx: Tx) -> None:
        insert_or_ignore(tx, marks, [{"name": MARK, "value": now}])
        tx.execute(update(marks).where(marks.c.name == MARK).values(value=now))

    def read(conn: Connection) -> str | None:
        return conn.execute(select(marks.c.value).where(marks.c.name == MARK)).scalar()

    await db.write(write, limit_s=WRITE_S)
    # Another process may have written it since; what matters is that it is there for those who read.
    if await db.read(read, limit_s=READ_S) is None:
        raise DatabaseUnavailable("what was written cannot be read")
