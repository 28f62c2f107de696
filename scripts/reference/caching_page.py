"""The table of docs/http-caching.md: what each encoding of an answer costs, as it was measured."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.reference.table import table

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "http-caching.md"
BETWEEN = re.compile(r"(<!-- measured -->\n).*(<!-- /measured -->)", re.DOTALL)


def page() -> str:
    """The page with its table anew."""
    answers = json.loads((DOCS / "measured" / "http-compression.json").read_text())["answers"]
    head = ("", "as it is", "gzip", "Brotli", "zstd", "304")
    rows = table(head, (_row(name, answer) for name, answer in answers.items()))
    return BETWEEN.sub(lambda at: f"{at[1]}\n{rows}\n{at[2]}", PAGE.read_text())


def _row(name: str, answer: dict[str, Any]) -> Sequence[str]:
    ways = [f"{answer['bytes'][way]:,} B, {answer['us'][way]:,} µs" for way in ("identity", "gzip", "br", "zstd")]
    return (name, *ways, f"{answer['us']['304']:,} µs")
