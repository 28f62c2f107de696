"""Work: jobs, their attempts, who leads what, and which processes run."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata, only
from reelhook.db.types import Json, Moment

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("video_id", Id),
    Column("unique_key", Text),
    Column("state", String(16), nullable=False),  # available | running | retryable | done | dead
    Column("run_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False, server_default="0"),  # among what is due, the earliest goes first
    Column("attempts", Integer, nullable=False),
    Column("attempts_before", Integer, nullable=False, server_default="0"),  # of earlier lives: a retry counts anew
    Column("fence", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("error", Json),
    Column("discarded_reason", Text),
    Column("trace", String(55)),  # the span that queued it
    Index(None, "video_id"),
    # No index may begin with the state: SQLite would prefer it to this one, and sort all that waits at each claim.
    Index("jobs_due", "deadline", "run_at", "id", **only("state = 'available' OR state = 'retryable'")),
    Index("jobs_leased", "lease_until", **only("state = 'running'")),
    Index(
        "jobs_open_unique_key",
        "unique_key",
        unique=True,
        **only("state IN ('available', 'retryable', 'running')"),
    ),
    Index("jobs_not_done", "id", **only("state <> 'done'")),
    Index("jobs_dead", "id", **only("state = 'dead' AND discarded_reason IS NULL")),
)

job_attempts = Table(
    "job_attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("job_id", Id, ForeignKey(jobs.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),  # done | retryable | dead | postponed | lost
    Column("error", Json),
    Index(None, "ended_at"),
    **NEVER_REUSED,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# What each process says of itself, again and again; it was last seen by the database's own clock.
processes = Table(
    "processes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("roles", Json, nullable=False),  # server, worker
    Column("version", String(40), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False, index=True),
    Column("draining", Boolean, nullable=False),
    Column("streams", Integer, nullable=False),
    Column("streams_opened", Integer, nullable=False),  # in the last minute
    Column("loop_lag_s", Float, nullable=False),  # the worst since it was seen before
    Column("clock_skew_s", Float, nullable=False),  # its clock before the database's
    Column("lacks", Json, nullable=False),  # which of its dependencies are not well, since when and why
    Column("destinations", Json, nullable=False),  # every one that it has reached for, and how that went
    Column("outage", Json),  # when it could not commit last
    Column("telemetry", Json, nullable=False),  # what it could not tell of itself, and why
)
