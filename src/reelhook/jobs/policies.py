"""How patiently each kind of work is tried: all of it as data, and nowhere else. docs/retries.md shows this table.

What a failure means is said by its error (`retryable`, `needs_fresh_link`, `blame`); what follows is decided here.
"""

from collections.abc import Mapping
from datetime import timedelta

from reelhook.jobs.kinds import (
    ApplyEvents,
    ArchiveAsset,
    ConfirmVideo,
    CountHours,
    DeleteStored,
    DeliverWebhook,
    EndVideos,
    EvaluateRules,
    FlagLate,
    MailLink,
    MeasureStores,
    Prune,
    ReconcileHistory,
    ReconcileStores,
    ReconcileVideos,
    ReleaseVideos,
    ReplayEvents,
    RequestVideo,
    SendChat,
    SendDeliveries,
    SendDigest,
    SendNotification,
    Work,
)
from reelhook.jobs.retry import RetryPolicy

# Work that takes a process down each time it runs must not do so for ever.
MOST_DEATHS = {"worker_died": 30}
# A page instead of a file, half a film, a file that keeps changing, a link that leads in circles: waiting for days
# mends none of it.
WRONG_FILE = {"not_media": 8, "cut_off": 8, "content_changed": 8, "redirect_loop": 8}

USUAL = RetryPolicy()
# As long as the first link lives, and then for a day more with fresh ones. Waits of 5, 10, 20 … s, an hour at most.
PATIENT = RetryPolicy(
    attempts=None, base_s=5.0, cap_s=3600.0, past_deadline=timedelta(days=1), at_most=MOST_DEATHS | WRONG_FILE
)
POLICIES: Mapping[type[Work], RetryPolicy] = {
    ApplyEvents: USUAL,
    ReplayEvents: USUAL,
    ArchiveAsset: PATIENT,
    ConfirmVideo: RetryPolicy(attempts=8, cap_s=60.0),
    # HeyGen's own limit of renders at once costs no attempt; these are for its bad days.
    RequestVideo: RetryPolicy(attempts=60, base_s=2.0, cap_s=120.0),
    # Nobody waits for a deletion, and nobody sees that it failed: three hours on average, six at most.
    DeleteStored: RetryPolicy(attempts=16, base_s=5.0, cap_s=3600.0),
    # Somebody waits for it, and asks again when it does not come: about an hour on average, two at most.
    MailLink: RetryPolicy(attempts=14, base_s=5.0, cap_s=1200.0),
    ReleaseVideos: USUAL,
    # A day and a quarter: long enough for somebody to see in the morning that a receiver went down at night.
    DeliverWebhook: RetryPolicy(attempts=8, waits_s=(5, 300, 1800, 7200, 18_000, 36_000, 36_000)),
    SendDeliveries: USUAL,
    # Old news is no news: about an hour on average, two at most. Only what surely did not arrive is tried again.
    SendNotification: RetryPolicy(attempts=14, base_s=5.0, cap_s=1200.0),
    SendChat: RetryPolicy(attempts=14, base_s=5.0, cap_s=1200.0),
    SendDigest: USUAL,
    # What comes round comes round again: these are for the database's bad days.
    FlagLate: USUAL,
    MeasureStores: USUAL,
    EvaluateRules: USUAL,
    CountHours: USUAL,
    Prune: USUAL,
    EndVideos: USUAL,
    ReconcileHistory: USUAL,
    ReconcileStores: USUAL,
    ReconcileVideos: USUAL,
}
