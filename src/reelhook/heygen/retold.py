"""Events that never reached us, in the shape in which HeyGen would have posted them."""

from typing import Any

import orjson

from reelhook.events.families import FAMILIES, SUCCESS_AND_FAIL, VIDEO_READS
from reelhook.heygen.remote import RemoteStatus, RemoteVideo
from reelhook.heygen.webhooks import PastEvent

# The kinds of video whose end HeyGen announces with an event of their own. (Of an `ai_clipping` job one event tells of
# all clips; of a lipsync there is none.)
TOLD_BY_EVENT = {
    family.name: family for family in FAMILIES if family.effect == "video" and family.suffixes == SUCCESS_AND_FAIL
}
# The kinds of video that HeyGen lets anybody ask about.
ASKABLE = frozenset({*VIDEO_READS, "ai_clipping"})


def of_past(event: PastEvent) -> bytes:
    """The body of an event in HeyGen's history."""
    body: dict[str, Any] = {"event_type": event.event_type, "event_data": event.event_data}
    if event.event_id is not None:
        body["event_id"] = event.event_id
    if event.created_at is not None:
        body["created_at"] = event.created_at
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def of_answer(kind: str, heygen_id: str, answer: RemoteStatus | RemoteVideo, callback_id: str) -> bytes | None:
    """The body of the event that should have told that this video is completed or failed; it holds no link.

    None for a kind of which no event tells.
    """
    family = TOLD_BY_EVENT.get(kind)
    if family is None:
        return None
    ids: dict[str, Any] = {family.id_keys[0]: heygen_id, "callback_id": callback_id}
    if isinstance(answer, RemoteVideo) and answer.heygen_video_id != heygen_id:  # we know it by its agent's session
        ids |= {family.id_keys[0]: answer.heygen_video_id, "session_id": heygen_id}
    outcome = "success" if answer.status == "completed" else "fail"
    data = ids if outcome == "success" else ids | _failure(answer)
    return orjson.dumps({"event_type": f"{kind}.{outcome}", "event_data": data})


def _failure(answer: RemoteStatus | RemoteVideo) -> dict[str, Any]:
    return {"failure_code": answer.failure_code, "failure_message": answer.failure_message}
