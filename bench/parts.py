"""Where the processor's time of a delivery goes, part by part: `python -m bench.parts`.

Over HTTP with the bare app, whose own work is the signature; then, without a network, the parts of what Reelhook does.
Groups are as large as those of `bench.ingest`. What SQLite itself takes is seen by giving its driver once more exactly
what it was given, through nothing but Python's own module.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from sqlalchemy import event

from bench.cost import ours
from bench.kit import Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures
from bench.kit.servers import SECRET, folder, prepared, uvicorn
from bench.peers.unstored import Unstored
from reelhook.db import Database
from reelhook.db.connections import CHECKPOINT_PAGES
from reelhook.events import Secret, claims, matching, parse
from reelhook.inbox import Arrival
from reelhook.inbox.store import commit
from reelhook.jobs import Queue
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.simulators.load import Plan

T = TypeVar("T")
Group = Sequence[Arrival]
Sent = Sequence[tuple[str, Any, bool]]  # statement, parameters, whether there are many of them

DELIVERIES, GROUP = 5000, 49
HTTP = "bare app over HTTP"
DOOR, SIGNATURE, JSON = "front door, nothing stored", "its signature", "its JSON"
STORED, STATEMENTS, COMMITS = "group commit", "its statements in SQLite", "its commits in SQLite"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={CHECKPOINT_PAGES}")


def main() -> None:
    settings = given(__doc__, rounds=5, seconds=2)
    requests = Plan(port=0, event_type="avatar_video.fail", secret=SECRET, most=DELIVERIES).requests()
    arrivals = [_arrival(request) for request in requests]
    groups = [arrivals[first : first + GROUP] for first in range(0, DELIVERIES, GROUP)]
    told, secrets = [(one.body, _headers(one)) for one in arrivals], (Secret("live", SECRET),)
    sent = _sent(groups)
    ways = {
        HTTP: lambda: _bare(settings.seconds),
        DOOR: lambda: uvloop.run(ours(inbox=Unstored)),
        SIGNATURE: lambda: _cost(told, lambda one: matching(one[0], claims(one[1]), secrets)),
        JSON: lambda: _cost(arrivals, lambda one: parse(one.body)),
        STORED: lambda: _stored(groups),
        STATEMENTS: lambda: _replayed(sent)[0],
        COMMITS: lambda: _replayed(sent)[1],
    }
    rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(way, "us", HTTP) for way in ways if way != HTTP]
    Report("parts", "Processor time of the parts of a delivery", rounds, reaches, "us", "µs").write(settings)


def _bare(seconds: float) -> Figures:
    with uvicorn("bench.peers.bare:app") as server:
        return {"us": load(server, Plan(port=0, event_type="avatar_video.fail", seconds=seconds))["cpu_us"]}


def _arrival(request: bytes) -> Arrival:
    head, _, body = request.partition(b"\r\n\r\n")
    headers = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    kept, event = tuple((name, value) for name, value in headers), parse(body)
    return Arrival("heygen", "webhook", body, kept, datetime.now(UTC), event.type, event.resource_id)


def _headers(arrival: Arrival) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in arrival.headers}


def _cost(these: Iterable[T], work: Callable[[T], object]) -> Figures:
    begun = time.process_time()
    for one in these:
        work(one)
    return _figures(time.process_time() - begun)


def _figures(seconds: float) -> Figures:
    return {"us": seconds / DELIVERIES * 1e6}


@contextmanager
def _database() -> Iterator[Database]:
    with folder() as name:
        shutil.copy(prepared(), Path(name) / "reelhook.db")
        db = Database(f"sqlite:///{name}/reelhook.db")
        try:
            yield db
        finally:
            db.close()


def _stored(groups: Sequence[Group]) -> Figures:
    with _database() as db:
        return _cost(groups, _storing(db))


def _storing(db: Database) -> Callable[[Group], object]:
    ids = Ids()
    queue = Queue(SystemClock(), ids)
    return lambda group: db.write_now(lambda tx: commit(tx, group, ids, queue))


def _sent(groups: Sequence[Group]) -> Sequence[Sent]:
    """What the driver was given for each group, from BEGIN on."""
    sent: list[list[tuple[str, Any, bool]]] = []

    def heard(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("BEGIN"):
            sent.append([])
        sent[-1].append((statement, parameters, many))

    with _database() as db:
        event.listen(db._writer, "before_cursor_execute", heard)
        for group in groups:
            _storing(db)(group)
    return sent


def _replayed(sent: Sequence[Sent]) -> tuple[Figures, Figures]:
    """What the statements took, and what their commits did."""
    statements = commits = 0.0
    with folder() as name:
        shutil.copy(prepared(), Path(name) / "reelhook.db")
        conn = sqlite3.connect(Path(name) / "reelhook.db", isolation_level=None)
        for pragma in PRAGMAS:
            conn.execute(f"PRAGMA {pragma}")
        for group in sent:
            begun = time.process_time()
            for statement, parameters, many in group:
                (conn.executemany if many else conn.execute)(statement, parameters)
            done = time.process_time()
            conn.execute("COMMIT")
            statements, commits = statements + done - begun, commits + time.process_time() - done
        conn.close()
    return _figures(statements), _figures(commits)


if __name__ == "__main__":
    main()
