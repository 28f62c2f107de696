"""How SQLite would do what a piece of code asks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from reelhook.db import Database


@contextmanager
def explained(db: Database) -> Iterator[list[list[str]]]:
    """Within, the plan of each statement that *db* is given to write is added to the list, as lines."""
    plans: list[list[str]] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH")):
            given = parameters[0] if many else parameters
            plan = conn.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.append([row[3] for row in plan])

    event.listen(db._writer, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(db._writer, "before_cursor_execute", explain)
