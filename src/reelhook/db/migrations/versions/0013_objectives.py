"""How long a film is, and by whom most was done without reading each entry of the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("videos", sa.Column("length_ms", sa.BigInteger(), nullable=True))
    op.create_index(op.f("audit_action_at_actor"), "audit", ["action", "at", "actor"], unique=False, if_not_exists=True)
