"""The processes of this installation, as each says of itself with its heartbeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Row, select

from reelhook.db.now import database_now
from reelhook.db.outages import Outage
from reelhook.db.tables import processes
from reelhook.jobs.destinations import Destination
from reelhook.monitoring.readiness import Lack

T = TypeVar("T", Lack, Destination, Outage)

MOST = 200  # the newest
SILENT_AFTER_S = 60.0  # four heartbeats
SERVER, WORKER = "server", "worker"
MOMENTS = frozenset({"since", "until", "retry_at", "heard_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, as it was *silent_s* seconds ago.

    *streams_opened*: within a minute. *clock_skew_s*: how far its clock is ahead of the database's. *telemetry*: what
    it cannot tell of itself, and why.
    """

    id: str
    host: str
    pid: int
    roles: tuple[str, ...]
    version: str
    started_at: datetime
    seen_at: datetime
    silent_s: float
    draining: bool = False
    streams: int = 0
    streams_opened: int = 0
    loop_lag_s: float = 0.0
    clock_skew_s: float = 0.0
    lacks: tuple[Lack, ...] = ()
    destinations: tuple[Destination, ...] = ()
    outage: Outage | None = None
    telemetry: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.host}:{self.pid}"

    @property
    def works(self) -> bool:
        return WORKER in self.roles

    @property
    def state(self) -> Literal["running", "draining", "silent"]:
        """*silent*: it died without a word, hangs, or cannot reach the database."""
        if self.silent_s > SILENT_AFTER_S:
            return "silent"
        return "draining" if self.draining else "running"


def listed(conn: Connection, now: datetime) -> Sequence[Process]:
    """Every process that said something lately and was not stopped in order, the oldest first."""
    at = database_now(conn, now)
    newest = select(processes).order_by(processes.c.seen_at.desc()).limit(MOST)
    found = [_process(row, at) for row in conn.execute(newest)]
    return sorted(found, key=lambda one: (one.started_at, one.id))


def running(conn: Connection, now: datetime) -> tuple[Process, ...]:
    """Those that are not silent."""
    return tuple(one for one in listed(conn, now) if one.state != "silent")


def _process(row: Row[Any], at: datetime) -> Process:
    said = dict(row._mapping)
    return Process(
        **said
        | {
            "silent_s": max(0.0, (at - row.seen_at).total_seconds()),
            "roles": tuple(row.roles),
            "lacks": tuple(_read(Lack, one) for one in row.lacks),
            "destinations": tuple(_read(Destination, one) for one in row.destinations),
            "outage": _read(Outage, row.outage) if row.outage else None,
        }
    )


def _read(kind: type[T], said: Mapping[str, Any]) -> T:
    """One that a newer version wrote may have more to say."""
    known = {one.name for one in fields(kind)}
    return kind(**{name: _value(name, value) for name, value in said.items() if name in known})


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in MOMENTS and value is not None else value
