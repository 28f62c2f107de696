"""Notifications: who wants to hear of what, what they were told, and how each way to them went."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
