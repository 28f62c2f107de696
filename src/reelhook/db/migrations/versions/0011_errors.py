"""Errors: what went wrong, grouped by what and where."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "error_groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("last_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("unexpected", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("happened", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", types.Moment(), nullable=False),
        sa.Column("last_seen_at", types.Moment(), nullable=False),
        sa.Column("new_at", types.Moment(), nullable=False),
        sa.Column("came_back", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("samples", types.Json(), nullable=False),
        sa.Column("resolved_at", types.Moment(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("error_groups_pkey")),
        sa.UniqueConstraint("last_id", name=op.f("error_groups_last_id_key")),
    )
    op.create_index(op.f("error_groups_code_place"), "error_groups", ["code", "place"], unique=True)
