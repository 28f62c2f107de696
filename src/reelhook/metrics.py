"""The catalogue of every metric. Units are in the names; labels have few values. docs/metrics.md is made from it.

What many processes share (jobs, videos, incidents) is read from the database when somebody asks: monitoring/gauges.py.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from reelhook import __version__

# Names a folder. Where it is set before the first import, counting goes into files there, so that each of several
# processes on one address can tell of all of them: `multiprocess_mode` says how their gauges become one.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

disable_created_metrics()  # type: ignore[no-untyped-call] # twice as many series, which nobody asks for

DELIVERIES = Counter("reelhook_deliveries_total", "Webhook posts answered.", ["endpoint", "status"])
REJECTIONS = Counter("reelhook_rejections_total", "Webhook posts refused, also those not stored.", ["reason"])
REJECTION_COUNTS_LOST = Counter(
    "reelhook_rejection_counts_lost_total",
    "Refused posts missing in the counts by hour, because no database took them.",
)
OUTSIDE = Counter(
    "reelhook_outside_deliveries_total",
    "Deliveries of HeyGen's from addresses INGEST_ALLOW does not name.",
    ["outcome"],
)
SCHEMA_DRIFT = Counter("reelhook_schema_drift_total", "Differences between events and their known shape.", ["kind"])
EVENTS = Counter("reelhook_events_total", "Events received for the first time.", ["source"])
DUPLICATES = Counter("reelhook_duplicates_total", "Deliveries of an event that was already here.")
INGEST_SECONDS = Histogram(
    "reelhook_ingest_seconds",
    "From the first byte of a webhook to its answer, commit included.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
COMMIT_BATCH = Histogram(
    "reelhook_commit_batch", "Events committed together.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
EVENT_APPLIED_SECONDS = Histogram(
    "reelhook_event_applied_seconds",
    "From the receipt of an event until it changed its video, commit included.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
SHOWN_SECONDS = Histogram(
    "reelhook_shown_seconds",
    "From the receipt of an event until all live streams of a process had what it changed.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
RATE_LIMIT_VERDICTS = Counter(
    "reelhook_rate_limit_verdicts_total", "What limits said to requests.", ["limit", "verdict"]
)
RATE_LIMIT_FALLBACKS = Counter(
    "reelhook_rate_limit_fallbacks_total", "Verdicts of this process alone, because Redis was away."
)
TRANSITIONS = Counter("reelhook_transitions_total", "Changes of a video's state.", ["state"])
JOBS = Counter("reelhook_jobs_total", "Job attempts by how they ended.", ["kind", "outcome"])
JOB_SECONDS = Histogram("reelhook_job_seconds", "How long one attempt took.", ["kind"])
JOB_WAIT_SECONDS = Histogram(
    "reelhook_job_wait_seconds",
    "From the moment a job was due until a worker took it.",
    ["found"],  # sent: by its id, table: by looking there
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
LANE_IDS = Counter("reelhook_lane_ids_total", "Ids of due jobs that were sent to the workers, or lost.", ["outcome"])
LANE_AWAY = Gauge(
    "reelhook_lane_away",
    "1 while Redis hands out no work, so that workers look at the table.",
    multiprocess_mode="livemax",
)
LEADER = Gauge("reelhook_leader", "1 while this process starts the periodic work.", multiprocess_mode="livemax")
DESTINATION_DOWN = Gauge(
    "reelhook_destination_down", "1 while work waits for it.", ["destination"], multiprocess_mode="livemax"
)
RECONCILE_ASKED = Counter("reelhook_reconcile_asked_total", "Videos, past events and files looked at.", ["kind"])
RECONCILE_FOUND = Counter("reelhook_reconcile_found_total", "What was found to be missing or too many.", ["kind"])
OUTGOING = Counter("reelhook_outgoing_total", "Attempts to deliver outgoing webhooks.", ["result"])
NOTIFICATIONS = Counter(
    "reelhook_notifications_total",
    "Notifications by what came of them: sent, refused (tried again), failed, unknown, suppressed.",
    ["channel", "result"],
)
ARCHIVED_BYTES = Counter("reelhook_archived_bytes_total", "Bytes stored and verified.", ["store"])
ARCHIVE_SECONDS = Histogram(
    "reelhook_archive_seconds",
    "How long it took to fetch, store and verify one file.",
    ["store"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900),
)
ARCHIVES = Counter(
    "reelhook_archives_total",
    "Files by how their archiving ended: stored, lost (its link ended, though HeyGen had given it), gave_up.",
    ["store", "outcome"],
)
LINK_LEFT_SECONDS = Histogram(
    "reelhook_link_left_seconds",
    "How long a link would still have lived when its file was stored.",
    buckets=(0, 60, 300, 900, 3600, 21600, 86400, 259200, 604800),
)
STORE_ERRORS = Counter("reelhook_store_errors_total", "Attempts that a store refused or broke off.", ["store", "code"])
HEYGEN_CALLS = Counter(
    "reelhook_heygen_calls_total",
    "Calls of HeyGen's API by how they ended: ok, 429, 4xx, 5xx, 3xx, unreachable.",
    ["call", "outcome"],
)
PRUNED = Counter("reelhook_pruned_rows_total", "Rows deleted because they were kept long enough.", ["table"])
CACHE = Counter("reelhook_cache_total", "Lookups in what this process keeps for a moment.", ["cache", "result"])
STREAMS = Gauge("reelhook_streams", "Open live streams.", multiprocess_mode="livesum")
STREAMS_CUT = Counter("reelhook_streams_cut_total", "Streams ended by us.", ["reason"])
STREAM_STARTS = Counter(
    "reelhook_stream_starts_total",
    "Streams opened: new, replayed (went on where the last one ended), resync (could not).",
    ["kind"],
)
STREAM_REPLAYED = Counter(
    "reelhook_stream_replayed_total", "Updates sent from the log to streams that came back or fell behind."
)
FANOUT_SECONDS = Histogram(
    "reelhook_fanout_seconds",
    "From the writing of an update, just before its commit, until all live streams of a process had it.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REQUESTS = Counter("reelhook_requests_total", "Requests of the API and the pages.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("reelhook_request_seconds", "How long an answer took to begin.", ["route"])
LOOP_LAG_SECONDS = Gauge("reelhook_loop_lag_seconds", "How late the event loop last woke.", multiprocess_mode="livemax")
ERRORS = Counter("reelhook_errors_total", "Unexpected errors, also those not stored.", ["place"])
TELEMETRY_LOST = Counter("reelhook_telemetry_lost_total", "What was measured and could not be told.", ["what"])
BUILD = Gauge("reelhook_build_info", "1, with the version that runs.", ["version"], multiprocess_mode="livemax")
BUILD.labels(__version__).set(1)


@dataclass(frozen=True, slots=True)
class Shared:
    """A gauge about what is in the database: whoever is asked, the answer is the same."""

    name: str
    help: str
    labels: tuple[str, ...] = ()

    def family(self, values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
        """What is told of it: the value for each set of labels."""
        family = GaugeMetricFamily(self.name, self.help, labels=self.labels)
        for labels, value in values.items():
            family.add_metric(labels, value)
        return family


GAUGES_UP = Shared("reelhook_gauges_up", "1, or 0 while the database does not answer and its gauges are missing.")
OPEN_JOBS = Shared("reelhook_jobs", "Jobs that wait or run; of each at most 10,000 are counted.", ("kind", "state"))
BACKLOG_SECONDS = Shared("reelhook_backlog_seconds", "For how long the oldest due job waits.")
DEAD_LETTERS = Shared("reelhook_dead_letters", "Jobs that wait for a person; at most 10,000 are counted.")
OPEN_VIDEOS = Shared(
    "reelhook_videos", "Videos on their way or unarchived; of each state at most 10,000 are counted.", ("state",)
)
OPEN_INCIDENTS = Shared("reelhook_incidents_open", "Open incidents, without drills.", ("rule", "severity"))
LINKS_EXPIRING = Shared(
    "reelhook_links_expiring", "Videos not stored whose link ends within an hour, or ended within a day."
)
RECEIPT_AGE_SECONDS = Shared("reelhook_receipt_age_seconds", "Since HeyGen last told us something.")


def registry() -> CollectorRegistry:
    """What this process counted; of several on one address, what all of them did."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return together


def forget(gauge: Gauge, *labels: str) -> None:
    """What *gauge* told of these *labels* holds no more. From files nothing can be taken, so there it is 0."""
    gauge.labels(*labels).set(0)
    if FOLDER not in os.environ:
        gauge.remove(*labels)
