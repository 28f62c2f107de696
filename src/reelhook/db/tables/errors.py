"""What went wrong, one row for each kind of it at each place."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from reelhook.db.tables.base import Id, metadata
from reelhook.db.types import Json, Moment

error_groups = Table(
    "error_groups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("last_id", Id, nullable=False, unique=True),  # made anew whenever it happens: lists are in its order
    Column("code", String(80), nullable=False),
    Column("place", String(200), nullable=False),
    Column("unexpected", Boolean, nullable=False),  # else an attempt at a job that failed for a reason with a name
    Column("message", Text, nullable=False),
    Column("traceback", Text),
    Column("happened", BigInteger, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("new_at", Moment, nullable=False),  # first seen, or back after it was resolved
    Column("came_back", Integer, nullable=False),  # how often it was back after it was resolved
    Column("version", String(40), nullable=False),  # that runs where it was seen last
    Column("samples", Json, nullable=False),  # the last few, the newest first: when, what was said, what it hit
    Column("resolved_at", Moment),
    Column("resolved_by", Text),
    Index(None, "code", "place", unique=True),
)
