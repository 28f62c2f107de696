"""Making a history, or taking the one that was made before."""

import asyncio
import hashlib
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from sqlalchemy import BigInteger, Table, insert, select, type_coerce

from bench.history.copying import Copy, Pattern, repeat
from bench.history.pattern import EVENTS, KINDS, NOW, running
from bench.kit.arguments import RESULTS
from reelhook.analytics.counts import Numbers, add, all_counted
from reelhook.analytics.rows import mark, row
from reelhook.analytics.spans import HOUR, hour_of
from reelhook.db import Database, Tx
from reelhook.db import tables as t
from reelhook.db.types import EPOCH, MICROSECOND
from reelhook.realtime.log import raise_floor
from reelhook.settings import Settings

FOLDER = RESULTS / "histories"  # of which git knows nothing
RENDERING = 20  # videos on their way, in a history of any size
DAYS = 89.9  # within what is kept of events, so that nothing is about to be pruned
LAST_DAY = 24  # copies, in a history of any size: so none is busier than another when it is asked
TABLES = (
    t.events,
    t.event_keys,
    t.delivery_attempts,
    t.videos,
    t.assets,
    t.timeline,
    t.jobs,
    t.job_attempts,
    t.stream,
)
DAY_S = 86_400
BEFORE = timedelta(minutes=10)  # so that nothing is younger than what comes while a history is asked


def history(events: int, folder: Path = FOLDER) -> Path:
    """A database with *events* and what else came with them, as of `NOW`. It is made once for each schema."""
    made = folder / f"{events}-{_mark()}" / "reelhook.db"
    if not made.exists():
        begun = time.perf_counter()
        print(f"Making a history of {events:,} events …", file=sys.stderr)
        for outdated in folder.glob(f"{events}-*"):
            shutil.rmtree(outdated)
        making = made.with_name("making.db")
        making.parent.mkdir(parents=True)
        asyncio.run(make(making, events // EVENTS))
        making.rename(made)
        size = made.stat().st_size / 1e9
        print(f"… took {time.perf_counter() - begun:.0f} s; it has {size:.2f} GB", file=sys.stderr)
    return made


async def make(path: Path, copies: int) -> None:
    """Fill *path*, a file that is not there yet, with as many copies of the pattern."""
    async with running(path, works=True, since=NOW - 2 * BEFORE) as heygen:
        await heygen.pattern()
    with closing(_connection(path)) as conn:
        pattern = Pattern({table: _taken(conn, table) for table in TABLES})
        for table in TABLES:
            conn.execute(f"DELETE FROM {table.name}")  # noqa: S608
        repeat(conn, pattern, _copies(copies), lambda table: _first(pattern, table, copies))
    floor = (_first(pattern, t.stream, copies) - 1) * len(pattern.rows[t.stream])
    database = Database(f"sqlite:///{path}")
    try:
        database.write_now(lambda tx: raise_floor(tx, floor))
        database.write_now(count)
    finally:
        database.close()
    async with running(path, works=True, since=NOW - BEFORE) as heygen:
        for _ in range(RENDERING):
            await heygen.rendering()


def shift(number: int, copies: int) -> int:
    """By how many seconds a copy is later than the pattern: the last ones one each hour, the others evenly before."""
    hours_back = copies - number
    if hours_back < LAST_DAY:
        return -hours_back * 3600
    back = (hours_back - LAST_DAY) / max(copies - LAST_DAY, 1)
    return -round(DAY_S + back * (DAYS - 1) * DAY_S)


def _copies(copies: int) -> Iterator[Copy]:
    return ((number, shift(number, copies)) for number in range(1, copies + 1))


def _first(pattern: Pattern, table: Table, copies: int) -> int:
    """The oldest copy of which rows of *table* are still kept."""
    config = Settings()
    days = {t.event_keys: config.dedup_days, t.stream: config.stream_days, t.jobs: config.job_days}
    days[t.job_attempts] = config.job_days
    oldest = -int(days.get(table, DAYS) * DAY_S)
    first = next(number for number, at in _copies(copies) if at >= oldest)
    if table is t.stream:
        return max(first, copies - config.most_updates // len(pattern.rows[table]) + 1)
    return first


def _taken(conn: sqlite3.Connection, table: Table) -> list[dict[str, object]]:
    """The rows that the pattern left. They come back as the last copy."""
    own = "true"
    if table is t.jobs:
        own = f"kind IN {KINDS}"
    if table is t.job_attempts:
        own = f"job_id IN (SELECT id FROM jobs WHERE kind IN {KINDS})"  # noqa: S608
    return [dict(row) for row in conn.execute(f"SELECT * FROM {table.name} WHERE {own} ORDER BY rowid")]  # noqa: S608


def count(tx: Tx) -> None:
    """Count all hours that are over, as the product's own job does, but each day once, when all its hours are known."""
    end = hour_of(NOW - timedelta(minutes=1))
    for day, hours in groupby(_hours(tx, end), lambda hour: hour.replace(hour=0)):
        whole: dict[str, Numbers] = {}
        for hour in hours:
            found = all_counted(tx.conn, hour, hour + HOUR)
            _write(tx, "hour", hour, found)
            for metric, parts in found.items():
                add(whole.setdefault(metric, {}), parts)
        _write(tx, "day", day, whole)
    mark(tx, end)


def _hours(tx: Tx, end: datetime) -> list[datetime]:
    """Those before *end* in which something came."""
    hour = type_coerce(t.events.c.received_at, BigInteger) // (HOUR // MICROSECOND)
    found = tx.execute(select(hour).distinct().where(t.events.c.received_at < end)).scalars()
    return [EPOCH + int(number) * HOUR for number in sorted(found)]


def _write(tx: Tx, step: str, start: datetime, found: Mapping[str, Numbers]) -> None:
    rows = [row(step, metric, start, key, number) for metric, parts in found.items() for key, number in parts.items()]
    tx.execute(insert(t.numbers), rows)


def _connection(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.row_factory = sqlite3.Row
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000", "threads=2"):
        conn.execute(f"PRAGMA {pragma}")
    return conn


def _mark() -> str:
    """What a history depends on: the schema, and how it is made."""
    here = Path(__file__)
    made = [here.with_name(f"{name}.py") for name in ("copying", "making", "pattern")]
    sources = [path.read_bytes() for path in (*sorted(Path(t.__file__).parent.glob("*.py")), *made)]
    return hashlib.sha256(b"".join(sources)).hexdigest()[:12]
