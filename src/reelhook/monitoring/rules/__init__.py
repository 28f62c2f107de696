"""The rules, one small file each: pure functions of a snapshot, as data.

Offers `RULES`, all of them by name, in the order in which they are shown.
"""

from collections.abc import Mapping

from reelhook.monitoring.rules import (
    archive_failing,
    backlog_age,
    clock_skew,
    database_away,
    dead_letters,
    destination_down,
    disk_full,
    endpoint_disabled,
    failure_rate,
    heygen_key_refused,
    link_expiring,
    missed_webhooks,
    new_errors,
    no_webhooks,
    reconcile_stopped,
    reconnect_storm,
    redis_away,
    rejections_burst,
    retired_secret_used,
    store_near_limit,
    telemetry_broken,
    worker_missing,
)
from reelhook.monitoring.rules.rule import Rule

RULES: Mapping[str, Rule] = {
    one.RULE.name: one.RULE
    for one in (
        link_expiring,
        archive_failing,
        failure_rate,
        no_webhooks,
        missed_webhooks,
        heygen_key_refused,
        destination_down,
        worker_missing,
        backlog_age,
        dead_letters,
        database_away,
        redis_away,
        new_errors,
        disk_full,
        store_near_limit,
        clock_skew,
        rejections_burst,
        retired_secret_used,
        endpoint_disabled,
        reconcile_stopped,
        reconnect_storm,
        telemetry_broken,
    )
}

__all__ = ["RULES"]
