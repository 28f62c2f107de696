"""Every table. Ids are UUIDv7 text; where the order itself is the key, an integer that is never given out twice."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from reelhook.db.types import Json, Moment

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Id = String(36)
Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY can be AUTOINCREMENT on SQLite
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


def only(condition: str) -> dict[str, Any]:
    """A partial index, in the words of both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# --- what arrived -----------------------------------------------------------------------------------------------------

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
    Index(None, "video_id", "id"),
    Index(None, "type", "resource_id"),
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

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(16), nullable=False),  # settings | heygen
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("sealed", Text, nullable=False),
    Column("heygen_endpoint_id", Text),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
)

# --- work -------------------------------------------------------------------------------------------------------------

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("video_id", Id),
    Column("unique_key", Text),
    Column("state", String(16), nullable=False),  # available | running | retryable | done | dead
    Column("run_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("error", Json),
    Column("discarded_reason", Text),
    Index(None, "video_id"),
    Index("jobs_due", "run_at", "id", **only("state IN ('available', 'retryable')")),
    Index("jobs_leased", "lease_until", **only("state = 'running'")),
    Index(
        "jobs_open_unique_key",
        "unique_key",
        unique=True,
        **only("state IN ('available', 'retryable', 'running')"),
    ),
    Index("jobs_listed", "state", "id"),
)

job_attempts = Table(
    "job_attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("job_id", Id, ForeignKey(jobs.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),  # done | retryable | dead | postponed | lost
    Column("error", Json),
    **NEVER_REUSED,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# --- videos -----------------------------------------------------------------------------------------------------------

videos = Table(
    "videos",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("heygen_video_id", Text, unique=True),
    Column("request", Json),  # what HeyGen is asked to render; null for a video that is only tracked
    Column("callback", Boolean, nullable=False),
    Column("subject", Text),
    Column("title", Text),
    Column("store", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("failed_by", String(16)),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("source_url", Text),  # HeyGen's expiring link: for our own fetch, never shown
    Column("eta_at", Moment),
    Column("late_at", Moment),
    Column("retry_of", Id),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("rendered_at", Moment),
    Column("ready_at", Moment),
    Index(None, "subject", "id"),
    Index(None, "state", "id"),
    Index(None, "kind", "rendered_at"),
    Index(
        "videos_late_at",
        "late_at",
        **only("late_at IS NOT NULL"),
    ),
)

assets = Table(
    "assets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), nullable=False),
    Column("role", String(16), nullable=False),  # video | poster | captions | gif | captioned
    Column("state", String(16), nullable=False),  # pending | stored
    Column("store", String(16), nullable=False),
    Column("source_url", Text),
    Column("location", Text),
    Column("url", Text),
    Column("content_type", Text),
    Column("bytes", BigInteger),
    Column("sha256", String(64)),
    Column("md5", String(32)),
    Column("verified", String(16)),  # digest | length
    Column("upload", Json),  # what a store needs to go on with an unfinished upload
    Column("created_at", Moment, nullable=False),
    Column("stored_at", Moment),
    UniqueConstraint("video_id", "role"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(16)),
    Column("message", Text, nullable=False),
    Column("data", Json, nullable=False),
    Index(None, "video_id", "id"),
    **NEVER_REUSED,
)

seen = Table(
    "seen",
    metadata,
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), primary_key=True),
    Column("browser", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String(80), primary_key=True),  # digest of principal and Idempotency-Key
    Column("request_digest", String(64), nullable=False),
    Column("video_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

# --- the stream -------------------------------------------------------------------------------------------------------

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

# --- access -----------------------------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # lower case
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("user_agent", Text),
    Column("remote", Text),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("scopes", Json),  # null: all scopes of the role
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE")),  # null: makes the first admin
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(60), nullable=False),
    Column("target", Text),
    Column("remote", Text),
    Column("data", Json, nullable=False),
    **NEVER_REUSED,
)
