"""What browsers are told, and marks in it."""

from sqlalchemy import Column, Index, String, Table, Text

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata, only
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
    Column("received_at", Moment),  # of the event that it tells of; null: it tells of something else
    Column("trace", String(55)),  # the span that wrote it
    # Whoever comes back asks for one subject's updates, or one video's, or those that are for everybody.
    Index(None, "subject", "id"),
    Index(None, "video_id", "id"),
    Index("stream_for_all", "id", **only("video_id IS NULL AND subject IS NULL")),
    **NEVER_REUSED,
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
