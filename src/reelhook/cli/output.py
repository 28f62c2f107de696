"""What commands print: words for a person, or one JSON document and nothing else."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def document(data: Any) -> None:
    """Print *data* as JSON on stdout."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print *rows* as a table of the named columns."""
    shown = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*("" if row.get(column) is None else str(row[column]) for column in columns))
    Console().print(shown)
