"""The catalogue of wide log lines: one for each unit of work, when it has ended. docs/logs.md is made from it.

Every line may name more than it lists: `logs.about` names what a unit of work is about, in all its lines.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

# What lines are about. `grep` for one of these ids tells a story across units of work.
IDS = {
    "request_id": "The request in which it happened, as its answer says in `X-Request-Id`.",
    "job_id": "The job in which it happened.",
    "video_id": "The video.",
    "event_id": "HeyGen's event, by our id.",
    "event_ids": "The same, where one job applies several.",
    "asset_id": "The file of the video.",
    "delivery_id": "What is sent to one person or endpoint.",
    "endpoint_id": "The endpoint of an outgoing webhook.",
    "message_id": "What is sent to one chat.",
}


def means(words: str, **given: Any) -> Any:
    """A field of a line, and what it says."""
    return field(metadata={"means": words}, **given)


def maybe(words: str) -> Any:
    """A field that is left out where there is nothing to say."""
    return means(words, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class WideLine:
    """One line. Its fields are what it says; those that are None are left out."""

    event: ClassVar[str]

    def write(self, how: Callable[..., Any]) -> None:
        """Log it by *how*, a method of a logger: its level."""
        said = ((one.name, getattr(self, one.name)) for one in fields(self))
        how(self.event, **{name: value for name, value in said if value is not None})


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryAccepted(WideLine):
    """A webhook was committed and answered 200. Its story goes on under its `event_id`."""

    event = "delivery.accepted"
    endpoint: str = means("The door: `heygen` or `callback`.")
    event_id: str = means("The event that it became, or already was.")
    type: str = means("HeyGen's name for what happened.")
    duplicate: bool = means("Whether the event was here already.")
    video_id: str | None = maybe("The video, where the delivery itself names it.")
    remote: str = means("The address that it came from.")
    bytes: int = means("The size of its body.")
    ms: float = means("From its first byte to its answer.")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRefused(WideLine):
    """A webhook was not let in, or could not be committed (503)."""

    event = "delivery.refused"
    endpoint: str = means("The door.")
    status: int = means("The status of the answer.")
    code: str = means("Why, as the answer and the rejections name it.")
    error: str = means("Why, in words.")
    remote: str = means("The address that it came from.")
    bytes: int = means("How much of its body was read.")
    ms: float = means("From its first byte to its answer.")


@dataclass(frozen=True, kw_only=True, slots=True)
class EventApplied(WideLine):
    """An event was applied to its video, the first time or as a replay."""

    event = "event.applied"
    event_id: str = means("The event.")
    type: str = means("HeyGen's name for what happened.")
    source: str = means("How it came: `webhook`, `callback` or `reconcile`.")
    video_id: str | None = maybe("The video that it is about.")
    verdict: str = means("What came of it, in words.")


@dataclass(frozen=True, kw_only=True, slots=True)
class JobAttempted(WideLine):
    """A job was tried once. Periodic work that went well is told at the level `debug`."""

    event = "job.attempted"
    job_id: str = means("The job.")
    kind: str = means("What was to be done.")
    attempt: int = means("Which attempt it was, from 1.")
    outcome: str = means("`done`, `postponed`, `retryable`, `dead`, or `lost` (another worker has it).")
    waited_ms: float = means("From the moment it was due until it was begun.")
    ms: float = means("How long it took, commit included.")
    code: str | None = maybe("Why it failed.")
    error: str | None = maybe("The same in words.")
    remedy: str | None = maybe("What may help: `none`, `time` or `fresh_link`.")


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestAnswered(WideLine):
    """A request of the API or for a page. Probes, `/metrics` and assets that went well are told at `debug`."""

    event = "request.answered"
    request_id: str = means("Given by the client in `X-Request-Id`, or made here; the answer repeats it.")
    method: str = means("The method.")
    route: str = means("Its template, `page`, or a root with `*`; never the address: that may hold names and secrets.")
    status: int = means("The status of the answer; 0: there was none.")
    code: str | None = maybe("Why it was refused.")
    by: str | None = maybe("What kind of caller: `person`, `key`, `token`, `link` or `local`.")
    by_id: str | None = maybe("The id of that person or key, never a name or an address.")
    bytes: int = means("The size of the answer's body.")
    ms: float = means("From the end of its header to the last byte of its answer.")
    cut: bool | None = maybe("True: its end was not sent.")


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamEnded(WideLine):
    """A live stream has ended."""

    event = "stream.ended"
    request_id: str | None = maybe("The request that opened it.")
    why: str = means("`left` (the client), `slow` (cut), or the reason of its goodbye (docs/streams.md).")
    by: str = means("What kind of caller it was.")
    by_id: str | None = maybe("The id of that person or key.")
    sent: int = means("How many updates it was sent.")
    ms: float = means("How long it was open.")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationAttempted(WideLine):
    """Something was sent to a person, a chat or an endpoint, once."""

    event = "notification.attempted"
    channel: str = means("`email`, `push`, `chat` or `webhook`.")
    delivery_id: str = means("What was sent, and to whom.")
    result: str = means("`sent`, `refused` (it did not arrive) or `unknown` (it may have).")
    ms: float = means("How long it took.")
    type: str | None = maybe("The type of an outgoing webhook.")
    status: int | None = maybe("The status that an endpoint answered with.")
    code: str | None = maybe("Why it did not arrive.")
    error: str | None = maybe("The same in words.")


LINES: tuple[type[WideLine], ...] = (
    DeliveryAccepted,
    DeliveryRefused,
    EventApplied,
    JobAttempted,
    NotificationAttempted,
    RequestAnswered,
    StreamEnded,
)


def ms(seconds: float) -> float:
    """As lines tell durations."""
    return round(seconds * 1000, 1)
