"""What people need to find and sort videos."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WAITING = (
    "(CASE WHEN state IN ('requested', 'rendering', 'rendered', 'archiving') THEN created_at"
    " ELSE 4611686018427387904 - created_at END)"
)


def upgrade() -> None:
    title = 'title COLLATE "C"' if op.get_context().dialect.name == "postgresql" else "title"
    title = f"coalesce(lower({title}), '\U0010ffff')"
    op.create_index("videos_by_change", "videos", ["updated_at", "id"], if_not_exists=True)
    op.create_index("videos_by_title", "videos", [sa.text(title), "id"], if_not_exists=True)
    op.create_index("videos_by_waiting", "videos", [sa.text(WAITING), "id"], if_not_exists=True)
