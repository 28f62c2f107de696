"""The vocabulary of work. Rooms that may not call each other hand over one of these."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from reelhook.jobs.event_filter import EventFilter


class Work(BaseModel):
    """What a job is about. Its name in the table is *kind*, its fields are the payload.

    *stays_dead* says why a dead job of this kind is not tried again, and what to do instead; None where it can be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]
    # May take minutes or hours: some slots of a worker are kept free of such work.
    slow: ClassVar[bool] = False
    stays_dead: ClassVar[str | None] = None

    @property
    def video(self) -> str | None:
        """The video this is about, if it is about one."""
        return None

    @property
    def unique_key(self) -> str | None:
        """While a job with this key is open, no second one is made."""
        return None


class VideoWork(Work):
    """Work on one video."""

    video_id: str

    @property
    def video(self) -> str:
        return self.video_id


class PeriodicWork(Work):
    """Work that comes round: one that still waits stands for all that fell due meanwhile."""

    @property
    def unique_key(self) -> str:
        return self.kind


class ApplyEvents(Work):
    """Apply stored events to their videos, in the order they came."""

    kind = "apply_events"
    event_ids: tuple[str, ...]


class ReplayEvents(Work):
    """Apply stored events again, whatever came of them the first time; one that was replayed since *asked_at* is done.

    When these are done, those that *which* means follow: the ids behind *after*, up to *up_to*.
    """

    kind = "replay_events"
    event_ids: tuple[str, ...]
    asked_at: datetime
    which: EventFilter | None = None
    after: str = ""
    up_to: str = ""


class RequestVideo(VideoWork):
    """Ask HeyGen to render a video."""

    kind = "request_video"
    stays_dead = "its video has failed with it; POST /api/v1/videos/{id}/retry asks HeyGen anew, as a new video"

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.video_id}"


class ConfirmVideo(VideoWork):
    """Ask HeyGen how a video stands, and believe the answer."""

    kind = "confirm_video"
    event_id: str | None = None

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.video_id}:{self.event_id or ''}"


class ArchiveAsset(VideoWork):
    """Fetch one asset of a video, store it for good, and verify it."""

    kind = "archive_asset"
    slow = True
    asset_id: str

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.asset_id}"


class DeleteStored(Work):
    """Delete a stored file whose row is already gone."""

    kind = "delete_stored"
    store: str
    location: str


class MailLink(Work):
    """Mail a one-time link to a person. The link is made when it is sent, so that its token is in the mail alone."""

    kind = "mail_link"
    person_id: str
    purpose: Literal["invitation", "reset"]

    @property
    def unique_key(self) -> str | None:
        # Who asks again while a letter is under way gets that letter. Who is invited again gets another one: the link
        # in the letter under way may be among those that were just withdrawn.
        return f"{self.kind}:{self.person_id}:{self.purpose}" if self.purpose == "reset" else None


class ReleaseVideos(Work):
    """Take the videos of an erased person from them: deleted with their files, or kept without an owner."""

    kind = "release_videos"
    subject: str
    delete: bool

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.subject}"


class DeliverWebhook(Work):
    """Send one message to one of the builders' endpoints. *replays* tells a replay from what was to be done before."""

    kind = "deliver_webhook"
    slow = True
    delivery_id: str
    endpoint_id: str
    replays: int = 0

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.delivery_id}:{self.replays}"


class SendDeliveries(Work):
    """Queue deliveries of one endpoint: those that waited while it was paused, or, as a replay, those in *states*.

    They were made at *since* or later, and before *until*; their ids lie behind *after*, up to *up_to*.
    """

    kind = "send_deliveries"
    endpoint_id: str
    states: tuple[str, ...] = ("pending",)
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    up_to: str | None = None


class SendNotification(Work):
    """Send one notification by one channel. *again* tells a repetition that a person asked for from what was before."""

    kind = "send_notification"
    delivery_id: str
    channel: str
    again: int = 0

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.delivery_id}:{self.again}"


class SendChat(Work):
    """Send one message to one chat; *again* as above."""

    kind = "send_chat"
    slow = True
    message_id: str
    again: int = 0

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.message_id}:{self.again}"


class SendDigest(Work):
    """Tell a person, when quiet hours end (*until*), what they were not disturbed with."""

    kind = "send_digest"
    person_id: str
    until: datetime

    @property
    def unique_key(self) -> str:
        return f"{self.kind}:{self.person_id}:{self.until.isoformat()}"


class FlagLate(PeriodicWork):
    """Mark the videos that take longer than usual."""

    kind = "flag_late"


class ReconcileVideos(PeriodicWork):
    """Ask HeyGen about the videos whose webhook should have come."""

    kind = "reconcile_videos"


class ReconcileHistory(PeriodicWork):
    """Compare what HeyGen says it delivered with what came."""

    kind = "reconcile_history"


class ReconcileStores(PeriodicWork):
    """Compare the files in the stores with the rows that name them."""

    kind = "reconcile_stores"


class EndVideos(PeriodicWork):
    """Give up waiting for what HeyGen never finishes, and take up again what nobody works on."""

    kind = "end_videos"


class MeasureStores(PeriodicWork):
    """Ask the stores how near they are to the limits of their plans."""

    kind = "measure_stores"


class EvaluateRules(PeriodicWork):
    """Look whether anything is wrong, and open, escalate and resolve incidents."""

    kind = "evaluate_rules"


class CountHours(PeriodicWork):
    """Count what happened in the hours that are over, for the charts."""

    kind = "count_hours"


class Prune(PeriodicWork):
    """Delete what has been kept long enough."""

    kind = "prune"


KINDS: dict[str, type[Work]] = {
    work.kind: work
    for work in (
        ApplyEvents,
        ReplayEvents,
        RequestVideo,
        ConfirmVideo,
        ArchiveAsset,
        DeleteStored,
        MailLink,
        ReleaseVideos,
        DeliverWebhook,
        SendDeliveries,
        SendNotification,
        SendChat,
        SendDigest,
        FlagLate,
        ReconcileVideos,
        ReconcileHistory,
        ReconcileStores,
        EndVideos,
        MeasureStores,
        EvaluateRules,
        CountHours,
        Prune,
    )
}


def stays_dead(kind: str) -> str | None:
    """Why a dead job of *kind* is not tried again, in words; None when it can be."""
    work = KINDS.get(kind)
    return work.stays_dead if work else "this version of Reelhook does not know its kind"
