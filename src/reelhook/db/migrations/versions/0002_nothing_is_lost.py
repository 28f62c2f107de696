"""What recovery needs: deadlines of jobs, reconciliation, replays, and the life of secrets and links."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0002"
down_revision = "0001"
oldest_code = "0002"  # no earlier code starts on a newer schema than its own


def upgrade() -> None:
    # Columns are added in place: on SQLite a rebuilt table would take the rows that refer to it along.
    op.add_column("jobs", sa.Column("deadline", types.Moment(), nullable=False, server_default="0"))
    op.execute("UPDATE jobs SET deadline = run_at")
    op.drop_index("jobs_due", "jobs")
    op.create_index(
        "jobs_due",
        "jobs",
        ["deadline", "run_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'available' OR state = 'retryable'"),
        postgresql_where=sa.text("state = 'available' OR state = 'retryable'"),
    )
    op.add_column("jobs", sa.Column("attempts_before", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("assets", sa.Column("link_expires_at", types.Moment(), nullable=True))
    op.add_column("videos", sa.Column("ask_at", types.Moment(), nullable=True))
    op.add_column("videos", sa.Column("asks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("events", sa.Column("replays", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "events_reconciled",
        "events",
        ["id"],
        unique=False,
        sqlite_where=sa.text("source = 'reconcile'"),
        postgresql_where=sa.text("source = 'reconcile'"),
    )
    op.add_column("events", sa.Column("replayed_at", types.Moment(), nullable=True))
    op.add_column("events", sa.Column("replay_verdict", sa.Text(), nullable=True))
    for_all = sa.text("video_id IS NULL AND subject IS NULL")
    op.create_index("stream_subject_id", "stream", ["subject", "id"], unique=False)
    op.create_index("stream_video_id_id", "stream", ["video_id", "id"], unique=False)
    op.create_index("stream_for_all", "stream", ["id"], unique=False, sqlite_where=for_all, postgresql_where=for_all)
    op.create_index("seen_at", "seen", ["at"], unique=False)
    op.create_index("sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index("sign_in_links_expires_at", "sign_in_links", ["expires_at"], unique=False)
    op.add_column("webhook_secrets", sa.Column("uses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("webhook_secrets", sa.Column("last_used_at", types.Moment(), nullable=True))
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("error", types.Json(), nullable=True),
        sa.Column("report", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("reconciliations_pkey")),
        sqlite_autoincrement=True,
    )
