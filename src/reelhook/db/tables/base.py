"""What all tables have in common."""

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, String, text

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Id = String(36)
Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY can be AUTOINCREMENT on SQLite
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


def only(condition: str) -> dict[str, Any]:
    """A partial index, in the words of both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
