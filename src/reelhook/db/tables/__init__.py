"""Every table. Ids are UUIDv7 text; where the order itself is the key, an integer that is never given out twice."""

from reelhook.db.tables.access import api_keys, audit, identities, people, sessions, sign_in_links
from reelhook.db.tables.arrivals import (
    delivery_attempts,
    event_keys,
    events,
    rejection_counts,
    rejections,
    schema_drift,
    senders,
    webhook_secrets,
)
from reelhook.db.tables.base import metadata
from reelhook.db.tables.errors import error_groups
from reelhook.db.tables.incidents import incident_entries, incidents, rule_readings, rule_settings
from reelhook.db.tables.numbers import numbers
from reelhook.db.tables.outgoing import (
    outgoing_attempts,
    outgoing_deliveries,
    outgoing_messages,
    subscription_endpoints,
    subscription_secrets,
)
from reelhook.db.tables.recovery import reconciliations
from reelhook.db.tables.telling import (
    chat_destinations,
    chat_messages,
    muted_videos,
    notification_deliveries,
    notification_preferences,
    notification_settings,
    notifications,
    push_keys,
    push_subscriptions,
)
from reelhook.db.tables.updates import marks, stream
from reelhook.db.tables.videos_and_assets import (
    BY_TITLE,
    BY_WAITING,
    assets,
    idempotency_keys,
    seen,
    store_limits,
    timeline,
    videos,
)
from reelhook.db.tables.work import job_attempts, jobs, leases, processes

__all__ = [
    "BY_TITLE",
    "BY_WAITING",
    "api_keys",
    "assets",
    "audit",
    "chat_destinations",
    "chat_messages",
    "delivery_attempts",
    "error_groups",
    "event_keys",
    "events",
    "idempotency_keys",
    "identities",
    "incident_entries",
    "incidents",
    "job_attempts",
    "jobs",
    "leases",
    "marks",
    "metadata",
    "muted_videos",
    "notification_deliveries",
    "notification_preferences",
    "notification_settings",
    "notifications",
    "numbers",
    "outgoing_attempts",
    "outgoing_deliveries",
    "outgoing_messages",
    "people",
    "processes",
    "push_keys",
    "push_subscriptions",
    "reconciliations",
    "rejection_counts",
    "rejections",
    "rule_readings",
    "rule_settings",
    "schema_drift",
    "seen",
    "senders",
    "sessions",
    "sign_in_links",
    "store_limits",
    "stream",
    "subscription_endpoints",
    "subscription_secrets",
    "timeline",
    "videos",
    "webhook_secrets",
]
