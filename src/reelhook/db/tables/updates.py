"""What browsers are told, and marks in it."""

from sqlalchemy import Column, String, Table, Text

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata
from reelhook.db.types import Moment

stream = Table(
    "stream",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("event", String(40), nullable=False),
    Column("video_id", Id),
    Column("subject", Text),
    Column("data", Text, nullable=False),
    Column("at", Moment, nullable=False),
    **NEVER_REUSED,
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
