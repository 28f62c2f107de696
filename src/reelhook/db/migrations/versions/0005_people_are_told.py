"""Notifications: who wants to hear of what, what they were told, and how each way to them went."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "chat_destinations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kinds", types.Json(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("url_hint", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("last", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("chat_destinations_pkey")),
    )
    op.create_table(
        "notification_settings",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("kinds", types.Json(), nullable=False),
        sa.Column("locked", types.Json(), nullable=False),
        sa.Column("critical", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("notification_settings_pkey")),
    )
    op.create_table(
        "push_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("push_keys_pkey")),
    )
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("destination_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("video_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["chat_destinations.id"],
            name=op.f("chat_messages_destination_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chat_messages_pkey")),
        sa.UniqueConstraint("destination_id", "key", name=op.f("chat_messages_destination_id_key_key")),
    )
    op.create_index(op.f("chat_messages_destination_id_id"), "chat_messages", ["destination_id", "id"], unique=False)
    op.create_index(
        "chat_messages_of_video",
        "chat_messages",
        ["video_id"],
        unique=False,
        sqlite_where=sa.text("video_id IS NOT NULL"),
        postgresql_where=sa.text("video_id IS NOT NULL"),
    )
    op.create_table(
        "muted_videos",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("video_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("muted_videos_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("muted_videos_video_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "video_id", name=op.f("muted_videos_pkey")),
    )
    op.create_index(op.f("muted_videos_video_id"), "muted_videos", ["video_id"], unique=False)
    op.create_table(
        "notification_preferences",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("mine", types.Json(), nullable=False),
        sa.Column("whose", sa.String(length=8), nullable=False),
        sa.Column("quiet_hours", types.Json(), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("notification_preferences_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("notification_preferences_pkey")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("video_id", sa.String(length=36), nullable=True),
        sa.Column("incident_id", sa.String(length=36), nullable=True),
        sa.Column("channels", types.Json(), nullable=False),
        sa.Column("quiet_until", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("notifications_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
        sa.UniqueConstraint("person_id", "key", name=op.f("notifications_person_id_key_key")),
    )
    op.create_index(
        "notifications_of_video",
        "notifications",
        ["video_id"],
        unique=False,
        sqlite_where=sa.text("video_id IS NOT NULL"),
        postgresql_where=sa.text("video_id IS NOT NULL"),
    )
    op.create_index(op.f("notifications_person_id_id"), "notifications", ["person_id", "id"], unique=False)
    op.create_index(
        "notifications_unseen",
        "notifications",
        ["person_id", "id"],
        unique=False,
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("last_used_at", types.Moment(), nullable=True),
        sa.Column("failed_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("push_subscriptions_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("push_subscriptions_pkey")),
        sa.UniqueConstraint("endpoint", name=op.f("push_subscriptions_endpoint_key")),
    )
    op.create_index(op.f("push_subscriptions_person_id"), "push_subscriptions", ["person_id"], unique=False)
    op.create_table(
        "notification_deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("notification_deliveries_notification_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notification_deliveries_pkey")),
        sa.UniqueConstraint(
            "notification_id", "channel", name=op.f("notification_deliveries_notification_id_channel_key")
        ),
    )
