"""Which processes run, and how each of them is."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("roles", types.Json(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("streams_opened", sa.Integer(), nullable=False),
        sa.Column("loop_lag_s", sa.Float(), nullable=False),
        sa.Column("clock_skew_s", sa.Float(), nullable=False),
        sa.Column("lacks", types.Json(), nullable=False),
        sa.Column("destinations", types.Json(), nullable=False),
        sa.Column("outage", types.Json(), nullable=True),
        sa.Column("telemetry", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("processes_pkey")),
    )
    op.create_index(op.f("processes_seen_at"), "processes", ["seen_at"], unique=False)
