"""What was asked of HeyGen and of the stores, and what had been missed."""

from sqlalchemy import Column, Integer, String, Table

from reelhook.db.tables.base import NEVER_REUSED, Serial, metadata
from reelhook.db.types import Json, Moment

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", String(16), nullable=False),  # videos | history | stores
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("asked", Integer, nullable=False),  # how many were looked at
    Column("found", Integer, nullable=False),  # how many had been missed
    Column("error", Json),
    Column("report", Json),
    **NEVER_REUSED,
)
