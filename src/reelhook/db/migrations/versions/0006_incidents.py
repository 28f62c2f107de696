"""Incidents: what is wrong, since when, and who looks after it."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
