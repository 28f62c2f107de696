"""What browsers are told of an event is timed from its receipt."""

import sqlalchemy as sa
from alembic import op

from reelhook.db import types

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("stream", sa.Column("received_at", types.Moment(), nullable=True))
