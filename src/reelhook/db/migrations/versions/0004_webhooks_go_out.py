"""Webhooks to builders' systems: who wants them, what was said, and how each delivery went."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "outgoing_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("video_id", sa.String(length=36), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_messages_pkey")),
    )
    op.create_table(
        "subscription_endpoints",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("types", types.Json(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("failing_since", types.Moment(), nullable=True),
        sa.Column("last_attempt_at", types.Moment(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("subscription_endpoints_pkey")),
    )
    op.create_table(
        "outgoing_deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("endpoint_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("replays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("settled_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["subscription_endpoints.id"],
            name=op.f("outgoing_deliveries_endpoint_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outgoing_messages.id"],
            name=op.f("outgoing_deliveries_message_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_deliveries_pkey")),
        sa.UniqueConstraint("message_id", "endpoint_id", name=op.f("outgoing_deliveries_message_id_endpoint_id_key")),
    )
    op.create_index("outgoing_deliveries_by_state", "outgoing_deliveries", ["endpoint_id", "state", "id"], unique=False)
    op.create_index(
        op.f("outgoing_deliveries_endpoint_id_id"), "outgoing_deliveries", ["endpoint_id", "id"], unique=False
    )
    op.create_table(
        "subscription_secrets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("endpoint_id", sa.String(length=36), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["subscription_endpoints.id"],
            name=op.f("subscription_secrets_endpoint_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("subscription_secrets_pkey")),
    )
    op.create_index(op.f("subscription_secrets_endpoint_id"), "subscription_secrets", ["endpoint_id"], unique=False)
    op.create_table(
        "outgoing_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("headers", types.Json(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["outgoing_deliveries.id"],
            name=op.f("outgoing_attempts_delivery_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_attempts_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("outgoing_attempts_delivery_id"), "outgoing_attempts", ["delivery_id"], unique=False)
