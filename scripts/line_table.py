"""Writes the tables of all wide lines in docs/logs.md anew: `python scripts/line_table.py`."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

from reelhook.units import IDS, LINES, WideLine

PAGE = Path(__file__).resolve().parent.parent / "docs" / "logs.md"
BETWEEN = re.compile(r"(<!-- lines -->\n).*(<!-- /lines -->)", re.DOTALL)
HEAD = "| field | what it says |\n|---|---|\n"


def tables() -> str:
    """Every line with its fields, and the ids that any line may have."""
    ids = "".join(f"| `{name}` | {words} |\n" for name, words in IDS.items())
    return "\n".join([*map(_table, LINES), f"### Ids, in any line\n\n{HEAD}{ids}"])


def _table(line: type[WideLine]) -> str:
    rows = "".join(
        f"| `{one.name}` | {one.metadata['means']}{' Left out where there is none.' * (one.default is None)} |\n"
        for one in fields(line)
    )
    return f"### `{line.event}`\n{inspect.getdoc(line)}\n\n{HEAD}{rows}"


if __name__ == "__main__":
    PAGE.write_text(BETWEEN.sub(lambda at: at[1] + tables() + at[2], PAGE.read_text()))
