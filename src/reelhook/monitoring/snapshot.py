"""Everything that rules look at, at one moment. A fixed number of queries, each along an index and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reelhook.jobs.destinations import Destination

# Of drills: any moment serves.
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


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
    """What no database knows: how it is around the process that looks. *asks*: HeyGen's API key is set."""

    disks: Sequence[Disk] = ()
    destinations: Sequence[Destination] = ()
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Without arguments: a service in which nothing is wrong. The windows of time are those of `reading.py`.

    *rendering* are the videos that HeyGen should have told us about; *due* the jobs that a worker should have taken.
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
    around: Around = Around()

    def minutes_since(self, moment: datetime | None) -> float:
        """From *moment* to now; 0 when there is none, or when it lies ahead."""
        return 0.0 if moment is None else max(0.0, (self.at - moment).total_seconds() / 60)
