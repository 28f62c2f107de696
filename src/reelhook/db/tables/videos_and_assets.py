"""Videos, their files and their story."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from reelhook.db.collate import alphabetical
from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata, only
from reelhook.db.types import Json, Moment

videos = Table(
    "videos",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("heygen_video_id", Text, unique=True),
    Column("request", Json),  # what HeyGen is asked to render; null for a video that is only tracked
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
    Column("length_ms", BigInteger),  # how long the film is, once HeyGen has told
    Column("ask_at", Moment),  # when HeyGen is to be asked next; null: as soon as its webhook should have come
    Column("asks", Integer, nullable=False, server_default="0"),
    Index(None, "subject", "id"),
    Index(None, "state", "id"),
    Index("videos_asked_for", "kind", "rendered_at", **only("rendered_at IS NOT NULL AND request IS NOT NULL")),
    Index("videos_late", "id", **only("late")),
    Index("videos_rendered", "rendered_at", **only("rendered_at IS NOT NULL")),
    Index("videos_ready", "ready_at", **only("ready_at IS NOT NULL")),
    Index(
        "videos_late_at",
        "late_at",
        **only("late_at IS NOT NULL"),
    ),
)

BY_TITLE = alphabetical(videos.c.title)
# Ascending: what is on its way by its age, then all that has arrived, the newest first. Written out, for only the very
# words of an index are recognised in a query.
BY_WAITING = literal_column(
    "(CASE WHEN state IN ('requested', 'rendering', 'rendered', 'archiving') THEN created_at"
    " ELSE 4611686018427387904 - created_at END)",
    BigInteger,
)
Index("videos_by_change", videos.c.updated_at, videos.c.id)
Index("videos_by_title", BY_TITLE, videos.c.id)
Index("videos_by_waiting", BY_WAITING, videos.c.id, _table=videos)

assets = Table(
    "assets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), nullable=False),
    Column("role", String(16), nullable=False),  # video | poster | captions | gif | captioned
    Column("state", String(16), nullable=False),  # pending | stored
    Column("store", String(16), nullable=False),
    Column("source_url", Text),
    Column("link_expires_at", Moment),
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
    Index("assets_pending", "link_expires_at", **only("state = 'pending'")),
    Index("assets_stored", "stored_at", **only("stored_at IS NOT NULL")),
    Index(None, "store", "state", "bytes"),
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
    Index("timeline_went_wrong", "at", **only("state IN ('failed', 'unarchived')")),
    **NEVER_REUSED,
)

seen = Table(
    "seen",
    metadata,
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), primary_key=True),
    Column("browser", String(64), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String(80), primary_key=True),  # digest of principal and Idempotency-Key
    Column("request_digest", String(64), nullable=False),
    Column("video_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

# How near each store is to the limit of its plan, as it said last. One that does not tell has no row.
store_limits = Table(
    "store_limits",
    metadata,
    Column("store", String(16), primary_key=True),
    Column("of", String(40), nullable=False),  # what the limit counts, in the store's own word
    Column("percent", Float, nullable=False),
    Column("at", Moment, nullable=False),
)
