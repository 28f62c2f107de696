"""The one clock that all processes share."""

from datetime import datetime

from sqlalchemy import Connection, func, select


def database_now(conn: Connection, now: datetime) -> datetime:
    """What time it is for the database. A SQLite file has no clock but that of its machine, which says *now*."""
    if conn.dialect.name == "sqlite":
        return now
    told: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    return told
