"""Telling people: what they want to hear, what they were told, and how each way to them went."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from reelhook.db.tables.access import people
from reelhook.db.tables.base import Id, metadata, only
from reelhook.db.tables.videos_and_assets import videos
from reelhook.db.types import Json, Moment

# One person is told one thing. The key names what happened, so that nobody hears of it twice.
notifications = Table(
    "notifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # ready | failed | late | unarchived | incident | digest
    Column("severity", String(16), nullable=False),  # info | attention | critical
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("url", Text, nullable=False),  # a path in the dashboard
    Column("video_id", Id),
    Column("incident_id", Id),
    Column("channels", Json, nullable=False),
    Column("quiet_until", Moment),  # made in quiet hours, which end then
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment),
    UniqueConstraint("person_id", "key"),
    Index(None, "person_id", "id"),
    Index("notifications_unseen", "person_id", "id", **only("seen_at IS NULL")),
    Index("notifications_of_video", "video_id", **only("video_id IS NOT NULL")),
)

# One way by which one notification goes.
notification_deliveries = Table(
    "notification_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("notification_id", Id, ForeignKey(notifications.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),  # in_app | sound | browser | push | email
    Column("state", String(16), nullable=False),  # pending | sending | sent | failed | unknown | suppressed
    Column("again", Integer, nullable=False, server_default="0"),  # how often a person has asked for it again
    Column("target", Text),
    Column("error", Text),
    Column("at", Moment, nullable=False),  # since when it is in this state
    UniqueConstraint("notification_id", "channel"),
)

notification_preferences = Table(
    "notification_preferences",
    metadata,
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), primary_key=True),
    Column("mine", Json, nullable=False),  # kind → channel → on, only what the person chose
    Column("whose", String(8), nullable=False),  # mine | all
    Column("quiet_hours", Json),
    Column("digest", Boolean, nullable=False),
    Column("volume", Integer, nullable=False),
)

muted_videos = Table(
    "muted_videos",
    metadata,
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), primary_key=True),
    Column("video_id", Id, ForeignKey(videos.c.id, ondelete="CASCADE"), primary_key=True, index=True),
    Column("created_at", Moment, nullable=False),
)

# What admins chose for everybody: one row, or none yet.
notification_settings = Table(
    "notification_settings",
    metadata,
    Column("name", String(16), primary_key=True),  # workspace
    Column("kinds", Json, nullable=False),
    Column("locked", Json, nullable=False),
    Column("critical", Json, nullable=False),
)

chat_destinations = Table(
    "chat_destinations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kinds", Json, nullable=False),
    Column("sealed", Text, nullable=False),  # the address, which holds a secret
    Column("url_hint", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("last", Json),  # what came of the newest message
)

# One message for one destination.
chat_messages = Table(
    "chat_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("destination_id", Id, ForeignKey(chat_destinations.c.id, ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("video_id", Id),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # as that of a delivery
    Column("again", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("at", Moment, nullable=False),
    UniqueConstraint("destination_id", "key"),
    Index(None, "destination_id", "id"),
    Index("chat_messages_of_video", "video_id", **only("video_id IS NOT NULL")),
)

# A browser that takes push messages, by the address that its maker gave it.
push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("endpoint", Text, nullable=False, unique=True),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    Column("device", Text),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("failed_at", Moment),
)

# The key by which push services know this installation (VAPID).
push_keys = Table(
    "push_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)
