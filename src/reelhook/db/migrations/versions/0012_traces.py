"""Where in a trace a row belongs: what a delivery began goes on in its jobs, and in what streams are told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for table in ("events", "jobs", "stream"):
        op.add_column(table, sa.Column("trace", sa.String(length=55), nullable=True))
