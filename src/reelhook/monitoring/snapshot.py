"""Everything that rules look at, at one moment. A fixed number of queries, each along an index and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from reelhook.jobs.destinations import Destination
from reelhook.monitoring.processes import SERVER, Process

# Of drills: any moment serves.
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UsedSecret:
    """A webhook secret that was replaced and is still signed with. *refused*: it opens nothing any more."""

    fingerprint: str
    refused: bool


@dataclass(frozen=True, slots=True)
class DisabledEndpoint:
    """A builder's endpoint that gets nothing any more, and why."""

    id: str
    host: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpenError:
    """An unexpected error that nobody has resolved. *new_at*: first seen, or back after it was resolved."""

    id: str
    code: str
    place: str
    count: int
    new_at: datetime


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder of ours, and how full the disk below it is, from 0 to 100."""

    folder: str
    used_percent: float


@dataclass(frozen=True, slots=True)
class StoreLimit:
    """How much of its plan's nearest limit a store has used up; *of*: what that limits."""

    store: str
    of: str
    percent: float


@dataclass(frozen=True, slots=True)
class Around:
    """How it is around the process that looks, at this very moment. *asks*: HeyGen's API key is set."""

    disks: Sequence[Disk] = ()
    destinations: Sequence[Destination] = ()
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Without arguments: a service in which nothing is wrong. The windows of time are those of `reading.py`.

    *rendering* are the videos that HeyGen should have told us about; *due* the jobs that a worker should have taken;
    *processes* those that are not silent.
    """

    at: datetime = NOON
    succeeded: int = 0
    failed: int = 0
    refused: int = 0
    rendering: int = 0
    rendering_since: datetime | None = None
    webhook_at: datetime | None = None
    due: int = 0
    due_since: datetime | None = None
    running: bool = False
    attempt_at: datetime | None = None
    dead: int = 0
    archived: int = 0
    not_archived: int = 0
    links_dying: int = 0
    link_dies_at: datetime | None = None
    received: int = 0
    missed: int = 0
    reconcile_since: datetime | None = None  # since when a run of it is due
    used_secrets: tuple[UsedSecret, ...] = ()
    disabled_endpoints: tuple[DisabledEndpoint, ...] = ()
    store_limits: tuple[StoreLimit, ...] = ()
    processes: tuple[Process, ...] = ()
    open_errors: tuple[OpenError, ...] = ()
    around: Around = Around()

    def minutes_since(self, moment: datetime | None) -> float:
        """From *moment* to now; 0 when there is none, or when it lies ahead."""
        return 0.0 if moment is None else max(0.0, (self.at - moment).total_seconds() / 60)

    @property
    def destinations(self) -> Sequence[Destination]:
        """By name, each as whoever heard of it last has it: the process that looks, or another by its heartbeat."""
        told: dict[str, list[Destination]] = {}
        for one in (*self.around.destinations, *(one for it in self.processes for one in it.destinations)):
            told.setdefault(one.name, []).append(one)
        return [_newest(all_) for _, all_ in sorted(told.items())]


def _newest(told: Sequence[Destination]) -> Destination:
    """The last word about one destination. If that is that it is down, it is since the first who noticed."""
    last = max(told, key=lambda one: one.heard_at or one.since or LONG_AGO)
    if last.since is None:
        return last
    return replace(last, since=min(one.since for one in told if one.since is not None))


def made_up(**said: Any) -> Process:
    """A process for drills."""
    usual: dict[str, Any] = {"id": "made-up", "host": "made-up.example", "pid": 1, "roles": (SERVER,), "version": "0"}
    usual |= {"started_at": NOON, "seen_at": NOON, "silent_s": 0.0, "telemetry": {}}
    return Process(**usual | said)
