"""What a restored database needs that is not in it: the files it names, and the key of its secrets."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from reelhook.backup.contents import Connection, stored
from reelhook.db.tables.sealed import SEALED
from reelhook.kit.sealing import CannotUnseal, Sealer

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

Find = Callable[[str], Path]


def missing_files(conn: Connection, stores: Mapping[str, Find]) -> Iterator[dict[str, Any]]:
    """The stored files that are not where these *stores* would find them, each with its reason; by length alone."""
    for asset in map(orjson.loads, stored(conn)):
        find = stores.get(asset["store"])
        if find is not None and (reason := _fault(find(asset["location"]), asset["bytes"])):
            yield asset | {"reason": reason}


def sealed_for_good(conn: Connection, keys: tuple[str, ...]) -> int:
    """How many live secrets, that no setting gives, cannot be opened with any of *keys*."""
    sealer = Sealer(keys) if keys else None
    return sum(not _opens(sealer, sealed) for sealed in _needed(conn))


def _needed(conn: Connection) -> Iterator[str]:
    """Everything sealed that somebody would miss. A backup of an older version has not all of its tables."""
    there = {name for (name,) in conn.execute(TABLES)}
    for each in SEALED:
        if each.column.table.name in there:
            query = select(each.column).where(each.column.is_not(None), each.needed)
            text = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            yield from (sealed for (sealed,) in conn.execute(str(text)))


def _fault(path: Path, size: int) -> str | None:
    try:
        found = path.stat().st_size
    except OSError as error:
        return error.strerror or str(error)
    return None if found == size else f"{found} bytes instead of {size}"


def _opens(sealer: Sealer | None, sealed: str) -> bool:
    if sealer is None:
        return False
    try:
        sealer.open(sealed)
    except CannotUnseal:
        return False
    return True
