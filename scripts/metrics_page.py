"""Writes the tables of docs/metrics.md anew: `python scripts/metrics_page.py`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram

from reelhook import metrics

PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
BETWEEN = r"(<!-- metrics -->\n).*(<!-- /metrics -->)"


class Look(NamedTuple):
    """What to look at in a metric, and the name of the runbook about it."""

    at: str
    runbook: str | None = None


class Entry(NamedTuple):
    """A metric as the catalogue has it."""

    kind: str
    labels: tuple[str, ...]
    says: str


CHAPTERS: Mapping[str, Mapping[str, Look]] = {
    "The front door": {
        "reelhook_deliveries_total": Look(
            'The share of `status="503"` is what was not acknowledged; a rate of 0 while videos render is a '
            "webhook that does not come.",
            "objective_acknowledged",
        ),
        "reelhook_rejections_total": Look(
            "`reason` says why; a burst is a wrong secret or somebody who tries.",
            "rejections_burst",
        ),
        "reelhook_rejection_counts_lost_total": Look(
            "Any increase: the numbers of refused posts are too low since then.",
        ),
        "reelhook_outside_deliveries_total": Look(
            "Any increase: INGEST_ALLOW lacks a network of HeyGen's; `let_in` while it is only observed.",
        ),
        "reelhook_schema_drift_total": Look(
            "Any increase: HeyGen sends something that is not known here; the page Event shapes shows what.",
        ),
        "reelhook_events_total": Look(
            '`source="reconcile"` beside `webhook` is the share of webhooks that never came.',
            "missed_webhooks",
        ),
        "reelhook_duplicates_total": Look(
            "Repeats are harmless; many of them mean that HeyGen did not see our answers in time.",
        ),
        "reelhook_ingest_seconds": Look(
            "The p99 must stay far below 10 s, after which HeyGen gives up and comes again.",
        ),
        "reelhook_commit_batch": Look("Under load it grows instead of the wait; at 256 the database is the limit."),
        "reelhook_rate_limit_verdicts_total": Look('`verdict="refused"` by `limit`: who is slowed down.'),
        "reelhook_rate_limit_fallbacks_total": Look(
            "Any increase: Redis is away, and limits hold for each process alone.",
        ),
    },
    "Jobs and videos": {
        "reelhook_event_applied_seconds": Look(
            "The p99 is how long a webhook waits for a worker; most of it is backlog.",
            "objective_applied",
        ),
        "reelhook_transitions_total": Look("`failed` and `unarchived` beside `ready`.", "failure_rate"),
        "reelhook_jobs_total": Look(
            '`outcome="dead"` needs a person, `retryable` is trouble that may pass; `postponed` waits for '
            "something outside.",
            "dead_letters",
        ),
        "reelhook_job_seconds": Look(
            "A kind that takes longer than it used to; archiving takes as long as its downloads.",
        ),
        "reelhook_job_wait_seconds": Look(
            'The p99 grows when the slots of the workers do not suffice; `found="table"` grows while Redis is away.',
            "backlog_age",
        ),
        "reelhook_jobs": Look("`available` that grows is a backlog, `retryable` that grows is trouble outside."),
        "reelhook_backlog_seconds": Look("Above a minute the workers are too few, stuck or gone.", "backlog_age"),
        "reelhook_dead_letters": Look("Anything above 0.", "dead_letters"),
        "reelhook_lane_ids_total": Look("`lost` costs a second each; a steady rate means that Redis is in trouble."),
        "reelhook_lane_away": Look("1: each job starts up to a second late.", "redis_away"),
        "reelhook_leader": Look(
            "The sum over all processes is 1; for a minute it may be 0 or 2, longer not.",
            "reconcile_stopped",
        ),
        "reelhook_destination_down": Look("1: work waits for it, and no attempt is used up.", "destination_down"),
        "reelhook_videos": Look(
            "What grows in one state while the next stays empty shows where they are held up; `unarchived` needs "
            "a person.",
        ),
    },
    "Keeping the videos": {
        "reelhook_archives_total": Look(
            "`lost` is a video that HeyGen had given and nobody can fetch any more; `gave_up` needs a person.",
            "objective_archived",
        ),
        "reelhook_archived_bytes_total": Look(
            "The rate is what the stores take in; 0 while files wait is a store that is stuck.",
        ),
        "reelhook_archive_seconds": Look(
            "The p95 beside the size of the files: the slower, the nearer the end of the links.",
        ),
        "reelhook_link_left_seconds": Look(
            "What falls into the bucket of 0 was stored after its link had ended: the next one may be lost.",
            "link_expiring",
        ),
        "reelhook_links_expiring": Look("Anything above 0 for longer than a few minutes.", "link_expiring"),
        "reelhook_store_errors_total": Look(
            "`code` says whether the store is full, does not take our key, or is away.",
            "archive_failing",
        ),
        "reelhook_pruned_rows_total": Look("A table that grows while nothing of it is deleted."),
    },
    "HeyGen": {
        "reelhook_heygen_calls_total": Look(
            "`429`: we ask too often or the plan's limit is reached; `4xx` of every call: the key is refused.",
            "heygen_key_refused",
        ),
        "reelhook_reconcile_asked_total": Look(
            "A rate of 0 for an hour: nobody looks for what was missed.",
            "reconcile_stopped",
        ),
        "reelhook_reconcile_found_total": Look(
            "By `reelhook_events_total` this is the rate of missed webhooks; files that are gone count here too.",
            "missed_webhooks",
        ),
        "reelhook_receipt_age_seconds": Look("More than a few hours while videos render.", "no_webhooks"),
    },
    "Streams and people": {
        "reelhook_streams": Look("A fall to 0 while people look is a proxy that cuts streams."),
        "reelhook_streams_cut_total": Look(
            "`slow`: readers that did not read for five seconds; `superseded`: more tabs than STREAMS_PER_PERSON.",
        ),
        "reelhook_stream_starts_total": Look(
            "`replayed` in a burst is everybody coming back after a cut; `resync` means that they were away "
            "longer than STREAM_DAYS.",
        ),
        "reelhook_stream_replayed_total": Look(
            "Much more than there are updates: streams fall behind again and again.",
        ),
        "reelhook_fanout_seconds": Look(
            "The p99 is the last hop to the browsers; above a second the process has too many streams, or Redis "
            "is away.",
            "objective_shown",
        ),
        "reelhook_shown_seconds": Look(
            "The p99 is what people wait for after HeyGen told us; the time from the network to the screen is not"
            " in it.",
            "objective_shown",
        ),
        "reelhook_notifications_total": Look(
            "`failed` and `refused` by `channel`; `unknown` may have arrived.",
            "destination_down",
        ),
        "reelhook_outgoing_total": Look("`result` by what builders' endpoints answered.", "endpoint_disabled"),
    },
    "The process": {
        "reelhook_requests_total": Look(
            'The share of `status="500"`; `route` is the template, `page` is the dashboard.',
        ),
        "reelhook_request_seconds": Look(
            "The p99 of a `route` beside the others: a query that grows with the database.",
        ),
        "reelhook_loop_lag_seconds": Look(
            "Above 0.1 for long: something blocks the process, or the machine has too little CPU.",
        ),
        "reelhook_cache_total": Look("Few hits: each request asks the database who is calling."),
        "reelhook_errors_total": Look("Any increase: a fault of ours; the log has its traceback."),
        "reelhook_telemetry_lost_total": Look(
            "Any increase: what is shown elsewhere is not the whole.",
            "telemetry_broken",
        ),
        "reelhook_incidents_open": Look("What the service itself found to be wrong; each has a page with its runbook."),
        "reelhook_gauges_up": Look(
            "0: the database does not answer, and the gauges that are read from it are missing.",
            "database_away",
        ),
        "reelhook_build_info": Look("More than one `version` for long: a deploy that did not end."),
    },
}


def catalogue() -> dict[str, Entry]:
    """Every metric by the name under which Prometheus knows it."""
    return dict(_entries())


def _entries() -> Iterator[tuple[str, Entry]]:
    for one in vars(metrics).values():
        if isinstance(one, metrics.Shared):
            yield one.name, Entry("gauge, of the database", one.labels, one.help)
        elif isinstance(one, Counter | Gauge | Histogram):
            (told,) = one.describe()
            name = f"{told.name}_total" if told.type == "counter" else told.name
            yield name, Entry(told.type, one._labelnames, told.documentation)


def page(before: str) -> str:
    """The page with its tables anew."""
    return re.sub(BETWEEN, lambda at: at[1] + "\n".join(_chapters()) + "\n" + at[2], before, flags=re.DOTALL)


def _chapters() -> Iterator[str]:
    known = catalogue()
    for title, looks in CHAPTERS.items():
        yield from (f"\n## {title}\n", "| metric | is | look at |", "|---|---|---|")
        yield from (_row(name, known[name], look) for name, look in looks.items())


def _row(name: str, entry: Entry, look: Look) -> str:
    labels = f" by {', '.join(f'`{label}`' for label in entry.labels)}" if entry.labels else ""
    runbook = f" [{look.runbook}](runbooks/{look.runbook}.md)" if look.runbook else ""
    return f"| `{name}`<br>{entry.kind}{labels} | {entry.says} | {look.at}{runbook} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
