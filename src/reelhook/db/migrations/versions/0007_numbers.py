"""Numbers by the hour, from which charts over long times are drawn."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0007"
down_revision = "0006"

# What is counted hour by hour is found along these.
INDEXES = (
    ("delivery_attempts_duplicates", "delivery_attempts", "at", "duplicate"),
    ("job_attempts_ended_at", "job_attempts", "ended_at", None),
    ("videos_rendered", "videos", "rendered_at", "rendered_at IS NOT NULL"),
    ("videos_ready", "videos", "ready_at", "ready_at IS NOT NULL"),
    ("assets_stored", "assets", "stored_at", "stored_at IS NOT NULL"),
    ("timeline_went_wrong", "timeline", "at", "state IN ('failed', 'unarchived')"),
)


def upgrade() -> None:
    op.create_table(
        "numbers",
        sa.Column("step", sa.String(length=4), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("start", types.Moment(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.String(length=100), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("spread", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("step", "metric", "start", "name", "detail", name=op.f("numbers_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("numbers_start"), "numbers", ["start"], unique=False)
    for name, table, column, only in INDEXES:
        where = None if only is None else sa.text(only)
        op.create_index(
            name, table, [column], unique=False, sqlite_where=where, postgresql_where=where, if_not_exists=True
        )
