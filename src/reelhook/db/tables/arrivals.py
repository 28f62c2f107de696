"""What arrived: events and the keys that recognise repeats, delivery attempts, rejections, and the secrets."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata, only
from reelhook.db.types import Moment

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(16), nullable=False),  # webhook | callback | reconcile
    Column("endpoint", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("resource_id", Text),
    Column("heygen_event_id", Text),
    Column("video_id", Id),
    Column("state", String(16), nullable=False),  # pending | applied | ignored
    Column("verdict", Text),
    Column("body", LargeBinary, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("applied_at", Moment),
    Column("duplicates", Integer, nullable=False, server_default="0"),
    Column("replays", Integer, nullable=False, server_default="0"),
    Column("replayed_at", Moment),
    Column("replay_verdict", Text),  # what the last replay brought
    Column("trace", String(55)),  # the span of the delivery that brought it
    Index(None, "video_id", "id"),
    Index(None, "resource_id", "type"),
    Index(None, "type", "id"),
    Index("events_pending", "id", **only("state = 'pending'")),
    Index("events_reconciled", "id", **only("source = 'reconcile'")),
    Index("events_called_back", "id", **only("source = 'callback'")),
)

event_keys = Table(
    "event_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("event_id", Id, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("remote", Text),
    Column("signature_header", Text),
    Column("duplicate", Boolean, nullable=False),
    Index("delivery_attempts_duplicates", "at", **only("duplicate")),
    **NEVER_REUSED,
)

rejections = Table(
    "rejections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("remote", Text),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

# How much was refused in each hour, kept or not.
rejection_counts = Table(
    "rejection_counts",
    metadata,
    Column("hour", Moment, primary_key=True, autoincrement=False),
    Column("endpoint", String(40), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("refused", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
)

# The networks that deliveries came from which proved to be HeyGen's: by a right signature or callback address.
senders = Table(
    "senders",
    metadata,
    Column("network", String(50), primary_key=True),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False, index=True),
    Column("deliveries", BigInteger, nullable=False),
    Column("outside", BigInteger, nullable=False),  # of them, those that INGEST_ALLOW did not name
    Column("refused", BigInteger, nullable=False),  # of those, the ones that were refused for it
    Column("outside_since", Moment),
    Column("last_outside_at", Moment),
)

# Where HeyGen's events differ from what we know of their shapes.
schema_drift = Table(
    "schema_drift",
    metadata,
    Column("kind", String(16), primary_key=True),  # new_type | new_field | missing_field
    Column("type", String(100), primary_key=True),
    Column("field", String(100), primary_key=True),  # empty for a new type
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False, index=True),
    Column("events", BigInteger, nullable=False),
    Column("last_event_id", Id, nullable=False),
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(16), nullable=False),  # settings | heygen
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("sealed", Text, nullable=False),
    Column("heygen_endpoint_id", Text),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),  # from then on it opens nothing; may lie in the future
    Column("uses", Integer, nullable=False, server_default="0"),  # since it was replaced
    Column("last_used_at", Moment),
)
