"""The audit log as a file: a page at a time, so that its length costs no memory."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal

import orjson
from pydantic import BaseModel

Format = Literal["jsonl", "csv"]
MEDIA_TYPES = {"jsonl": "application/jsonl; charset=utf-8", "csv": "text/csv; charset=utf-8; header=present"}
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


async def lines(pages: AsyncIterator[Sequence[BaseModel]], model: type[BaseModel], form: Format) -> AsyncIterator[str]:
    """The text of a file with all entries of *pages*; *model* is the class of each of them."""
    names = list(model.model_fields)
    if form == "csv":
        yield _row(names)
    shown: Callable[[BaseModel], str] = _json if form == "jsonl" else lambda entry: _row(_cells(entry, names))
    async for entries in pages:
        yield "".join(map(shown, entries))


def _json(entry: BaseModel) -> str:
    return entry.model_dump_json() + "\n"


def _cells(entry: BaseModel, names: Sequence[str]) -> list[str]:
    shown = entry.model_dump(mode="json")
    return [_cell(shown[name]) for name in names]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _row(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
