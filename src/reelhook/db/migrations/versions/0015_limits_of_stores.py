"""How near each store is to the limit of its plan."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "store_limits",
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("store", name=op.f("store_limits_pkey")),
    )
