"""Incidents: what is wrong, since when, and who looks after it."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("opened_at", types.Moment(), nullable=False),
        sa.Column("escalated_at", types.Moment(), nullable=True),
        sa.Column("acknowledged_at", types.Moment(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("silenced_until", types.Moment(), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("resolved_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("incidents_person_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incidents_pkey")),
    )
    op.create_index(op.f("incidents_resolved_at"), "incidents", ["resolved_at"], unique=False)
    op.create_index(
        "incidents_open",
        "incidents",
        ["rule", "subject", "drill"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "incident_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("incident_entries_incident_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_entries_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("incident_entries_incident_id_id"), "incident_entries", ["incident_id", "id"], unique=False)
    op.create_table(
        "rule_settings",
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("changed_at", types.Moment(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("rule_settings_pkey")),
    )
    op.create_table(
        "rule_readings",
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject", name=op.f("rule_readings_pkey")),
    )
    # For what rules look at: the links of files that are not stored yet, and what waits for a person.
    op.create_index(
        "assets_pending",
        "assets",
        ["link_expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
        if_not_exists=True,
    )
    op.create_index(
        "jobs_dead",
        "jobs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead' AND discarded_reason IS NULL"),
        postgresql_where=sa.text("state = 'dead' AND discarded_reason IS NULL"),
        if_not_exists=True,
    )
