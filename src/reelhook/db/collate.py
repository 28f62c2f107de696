"""Text in one order everywhere: SQLite compares bytes, Postgres by the language of its database unless it is told."""

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LAST = "\U0010ffff"


class alphabetical(FunctionElement[str]):  # noqa: N801 - it is written like the functions of SQL
    """A text column by which to sort: letters A to Z count as small ones, and nothing at all comes last."""

    type = Text()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)


@compiles(alphabetical)
def _by_bytes(element: alphabetical, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(lower({compiler.process(element.clauses, **kw)}), '{LAST}')"


@compiles(alphabetical, "postgresql")
def _by_bytes_on_postgres(element: alphabetical, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(lower({compiler.process(element.clauses, **kw)} COLLATE \"C\"), '{LAST}')"
