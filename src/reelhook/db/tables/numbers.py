"""What happened, by the hour and by the day: what charts over long times are drawn from."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from reelhook.db.tables.base import metadata
from reelhook.db.types import Json, Moment

# A day is the sum of its hours, in UTC, so that long times are added up from few rows.
numbers = Table(
    "numbers",
    metadata,
    Column("step", String(4), primary_key=True),  # hour | day
    Column("metric", String(40), primary_key=True),
    Column("start", Moment, primary_key=True, autoincrement=False),
    Column("name", String(100), primary_key=True),
    Column("detail", String(100), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),  # of what was counted: milliseconds, bytes
    Column("spread", Json),  # of durations: how many fell into which bucket
    Index(None, "start"),
    sqlite_with_rowid=False,
)
