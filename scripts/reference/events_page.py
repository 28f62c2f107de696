"""docs/reference/events.md: what HeyGen tells us, what we tell your systems, and what we tell browsers."""

from collections.abc import Mapping, Sequence

from scripts.reference.table import table

from reelhook.events import EVENT_TYPES, EventType
from reelhook.notify.channels.webhook.types import NOTIFICATION_TYPES, TEST, VIDEO_TYPES
from reelhook.realtime.goodbyes import WORDS

HEAD = """# Event types

Three kinds of events, in the order in which they happen: HeyGen tells Reelhook, Reelhook tells your systems, and
Reelhook tells browsers.
"""
INBOUND = """## From HeyGen

The names of HeyGen's own API description. The list grows on HeyGen's side: a type that is not here is stored, shown
and passed on like any other, and reported as [drift](../schema-drift.md). *Asked at*: where HeyGen is asked about
it when an unsigned callback claims it, or when it never came ([reconcile](../reconcile.md)).
"""
OUTBOUND = """## To your systems

Messages of [webhooks out](../outbound-webhooks.md), signed as the Standard Webhooks say. An endpoint asks for types
by name, for all of a kind by `video.*`, `heygen.*` and `notification.*`, or for everything.
"""
STREAM = """## To browsers

Events of the [live stream](../streams.md). What is stored has an `id:` and comes again to who missed it.
"""
ENDS = """## Why a stream ends

The `reason` in the data of `bye` and `superseded`; [what to do](../streams.md#why-a-stream-ends).
"""
DOES = {
    "success": "the video is rendered, and its file is fetched",
    "fail": "the video has failed",
    "assets": "its files are fetched",
}
NOTHING = "stored, shown and passed on"
MESSAGES: Mapping[str, str] = {
    "video.requested": "somebody asked for it here",
    "video.rendering": "HeyGen accepted it",
    "video.rendered": "HeyGen has made it; its link is fetched",
    "video.archiving": "its file is being stored",
    "video.ready": "its file is stored and verified: `data.video.asset`",
    "video.failed": "it failed: `data.video.failure` says by whom and why",
    "video.unarchived": "its file could not be stored; a person decides",
    "video.late": "it takes longer than 95 of 100 such videos did",
    "video.deleted": "it was deleted, with its files",
    "notification.ready": "people are told that a video is ready",
    "notification.failed": "people are told that a video failed",
    "notification.late": "people are told that a video is late",
    "notification.unarchived": "people are told that a file could not be stored",
    "notification.incident": "something is wrong with the service, has become worse, or is over",
    "reelhook.test": "somebody pressed *Send a test*",
}
ALSO = (
    "heygen.*",
    "HeyGen told something; `heygen.` is followed by the name of the table above, and `data.body` is what HeyGen sent",
)
# Name, whether it is stored, its data.
FRAMES: Mapping[str, tuple[bool, str]] = {
    "video.updated": (True, '`{"video": …}`, whole; `{"video": {"id", "deleted": true}}` when it is gone'),
    "notification": (True, '`{"notification": …}`, to one person alone'),
    "resync": (True, '`{"stream_id"}`: history is gone; read everything anew and go on from there'),
    "video.progress": (False, '`{"video_id", "bytes", "total"}`, at most two a second'),
    "superseded": (False, '`{"reason", "message"}`: do not come back by yourself'),
    "bye": (False, '`{"reason", "message", "renew"?}`: come back after `retry:`'),
}


def page() -> str:
    """The whole page."""
    inbound = table(("type", "about", "what it does", "asked at"), map(_inbound, EVENT_TYPES.values()))
    types = (*VIDEO_TYPES, *NOTIFICATION_TYPES, TEST)
    outbound = table(("type", "when"), [*((f"`{name}`", MESSAGES[name]) for name in types), (f"`{ALSO[0]}`", ALSO[1])])
    frames = table(("event", "stored", "data"), ((f"`{n}`", "yes" if s else "no", d) for n, (s, d) in FRAMES.items()))
    ends = table(("reason", "what it tells people"), ((f"`{reason}`", words) for reason, words in WORDS.items()))
    return "\n".join([HEAD, INBOUND, inbound, OUTBOUND, outbound, STREAM, frames, ENDS, ends])


def _inbound(event: EventType) -> Sequence[str]:
    family = event.family
    ids = ", ".join(f"`{key}`" for key in family.id_keys)
    does = DOES[event.outcome] if event.outcome else NOTHING
    if event.outcome == "success" and family.effect == "clips":
        does = "one video for each clip, rendered"
    return f"`{event.name}`", ids, does, f"`GET {family.read}`" if family.read else "-"
