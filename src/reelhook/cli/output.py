"""What commands print: words for a person, or one JSON document and nothing else."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
WIDE = 10_000


def document(data: Any) -> None:
    """Print *data* as JSON on stdout."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print *rows* as a table of the named columns: on a terminal as wide as that, elsewhere each on one line."""
    _print(columns, rows, Console().width if sys.stdout.isatty() else WIDE)


def _print(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], width: int) -> None:
    """Nothing is cut off: the last column is wrapped, and where that is not enough, the terminal wraps the lines."""
    texts = [["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows]
    shown = Table(box=None, pad_edge=False)
    for column, *cells in zip(columns, *texts, strict=True):
        least = max(map(len, [column, *cells])) if column != columns[-1] else None
        shown.add_column(column, min_width=least)
    for text in texts:
        shown.add_row(*text)
    Console(width=max(width, Console(width=WIDE).measure(shown).minimum)).print(shown)
