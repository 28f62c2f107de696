"""What goes out to other systems: who wants it, what was said, and how each delivery went."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata
from reelhook.db.types import Json, Moment

subscription_endpoints = Table(
    "subscription_endpoints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("types", Json),  # null: all
    Column("subject", Text),  # null: whoever owns the video
    Column("state", String(16), nullable=False),  # enabled | paused | disabled
    Column("reason", Text),  # why it was disabled
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("failing_since", Moment),  # null: the last attempt was good
    Column("last_attempt_at", Moment),
    Column("last_status", Integer),
    Column("last_error", Text),
)

# What messages to an endpoint are signed with; several while one replaces another.
subscription_secrets = Table(
    "subscription_secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("endpoint_id", Id, ForeignKey(subscription_endpoints.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("sealed", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),  # null: nothing replaced it
)

outgoing_messages = Table(
    "outgoing_messages",
    metadata,
    Column("id", Id, primary_key=True),  # msg_ and a UUIDv7 without its dashes
    Column("type", Text, nullable=False),
    Column("video_id", Id),
    Column("payload", LargeBinary, nullable=False),  # the very bytes that are signed
    Column("created_at", Moment, nullable=False),
)

# One message for one endpoint.
outgoing_deliveries = Table(
    "outgoing_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey(outgoing_messages.c.id, ondelete="CASCADE"), nullable=False),
    Column("endpoint_id", Id, ForeignKey(subscription_endpoints.c.id, ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),  # pending | delivered | failed | discarded
    Column("replays", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    UniqueConstraint("message_id", "endpoint_id"),
    Index(None, "endpoint_id", "id"),
    Index("outgoing_deliveries_by_state", "endpoint_id", "state", "id"),
)

outgoing_attempts = Table(
    "outgoing_attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("delivery_id", Id, ForeignKey(outgoing_deliveries.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("ms", Integer, nullable=False),
    Column("status", Integer),  # null: nothing was answered
    Column("error", Text),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("cut", Boolean, nullable=False),  # the answer was longer than what is kept of it
    **NEVER_REUSED,
)
