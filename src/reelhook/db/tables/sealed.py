"""What is sealed with SECRET_KEY, all of it: a table that gets such a column is named here too."""

from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, and_, true

from reelhook.db.tables.arrivals import webhook_secrets
from reelhook.db.tables.outgoing import subscription_secrets
from reelhook.db.tables.telling import chat_destinations, push_keys


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """A column with sealed text, or null. *needed*: the rows that would be missed if nobody could open them."""

    column: Column[str]
    needed: ColumnElement[bool]

    @property
    def id(self) -> Column[str]:
        """Of its rows: the only primary key, a text."""
        (key,) = self.column.table.primary_key.columns
        return key


SEALED: tuple[Sealed, ...] = (
    # What the settings name they can name again; what is retired opens nothing any more.
    Sealed(
        webhook_secrets.c.sealed,
        and_(webhook_secrets.c.source != "settings", webhook_secrets.c.retired_at.is_(None)),
    ),
    Sealed(subscription_secrets.c.sealed, subscription_secrets.c.expires_at.is_(None)),
    Sealed(chat_destinations.c.sealed, true()),
    Sealed(push_keys.c.sealed, true()),
)
