"""Numbers by the hour, from which charts over long times are drawn."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
