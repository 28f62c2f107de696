"""How many files a store holds, and how large they are, without reading each row."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index(
        op.f("assets_store_state_bytes"), "assets", ["store", "state", "bytes"], unique=False, if_not_exists=True
    )
