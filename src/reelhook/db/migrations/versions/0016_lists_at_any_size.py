"""What is looked for in large tables is found along an index, whatever it is narrowed to."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _create("events_resource_id_type", "events", "resource_id", "type")
    _create("events_type_id", "events", "type", "id")
    _create("events_pending", "events", "id", only="state = 'pending'")
    _create("events_called_back", "events", "id", only="source = 'callback'")
    _create("videos_late", "videos", "id", only="late")
    _create("videos_asked_for", "videos", "kind", "rendered_at", only="rendered_at IS NOT NULL AND request IS NOT NULL")
    # What they served, also for older code, is served by the first and the last of those.
    op.drop_index("events_type_resource_id", "events", if_exists=True)
    op.drop_index("videos_kind_rendered_at", "videos", if_exists=True)


def _create(name: str, table: str, *columns: str, only: str | None = None) -> None:
    where = None if only is None else sa.text(only)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where, if_not_exists=True)
