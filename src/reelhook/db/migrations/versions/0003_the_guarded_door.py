"""Who knocks, who is let in, and who did what: counts, senders, drift, identities, and an audit log that only grows."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types
from reelhook.db.tables.base import refuse_updates

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "rejection_counts",
        sa.Column("hour", types.Moment(), autoincrement=False, nullable=False),
        sa.Column("endpoint", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "endpoint", "reason", name=op.f("rejection_counts_pkey")),
    )
    op.create_table(
        "senders",
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("first_seen_at", types.Moment(), nullable=False),
        sa.Column("last_seen_at", types.Moment(), nullable=False),
        sa.Column("deliveries", sa.BigInteger(), nullable=False),
        sa.Column("outside", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("outside_since", types.Moment(), nullable=True),
        sa.Column("last_outside_at", types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("network", name=op.f("senders_pkey")),
    )
    op.create_index(op.f("senders_last_seen_at"), "senders", ["last_seen_at"], unique=False)
    op.create_table(
        "schema_drift",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("first_seen_at", types.Moment(), nullable=False),
        sa.Column("last_seen_at", types.Moment(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("last_event_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("kind", "type", "field", name=op.f("schema_drift_pkey")),
    )
    op.create_index(op.f("schema_drift_last_seen_at"), "schema_drift", ["last_seen_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("last_used_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("identities_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("identities_pkey")),
    )
    op.create_index(op.f("identities_person_id"), "identities", ["person_id"], unique=False)
    op.add_column("people", sa.Column("erased_at", types.Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("expires_at", types.Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("rotated_at", types.Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("previous_hash", sa.String(length=64), nullable=True))
    op.add_column("api_keys", sa.Column("previous_until", types.Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("previous_used_at", types.Moment(), nullable=True))
    op.add_column("sign_in_links", sa.Column("purpose", sa.String(length=16), nullable=False, server_default="sign_in"))
    op.create_index("api_keys_previous_hash", "api_keys", ["previous_hash"], if_not_exists=True)
    for column in ("actor", "target", "action"):
        op.create_index(f"audit_{column}_id", "audit", [column, "id"], if_not_exists=True)
    for statement in refuse_updates("audit", op.get_context().dialect.name):
        op.execute(statement)
