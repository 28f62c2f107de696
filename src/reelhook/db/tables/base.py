"""What all tables have in common."""

from typing import Any

from sqlalchemy import DDL, BigInteger, Integer, MetaData, String, Table, event, text

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


def refuse_updates(table: str, dialect: str) -> list[str]:
    """Statements after which no row of *table* can be changed, only added, or deleted when it is old."""
    name, refusal = f"{table}_append_only", f"{table} is append-only"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{refusal}'; END$$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def append_only(table: Table) -> None:
    """Have the database itself refuse to change rows of *table*, wherever it is created."""
    for dialect in ("sqlite", "postgresql"):
        for statement in refuse_updates(table.name, dialect):
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
