"""Whether a video that has come to its end went the whole way as promised."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from tests.live.door import SUBJECT, Visit

ENDS = ("ready", "failed", "unarchived")
WAY = ["requested", "rendering", "rendered", "archiving", "ready"]
PATIENCE_S = 10.0
"""HeyGen's: whoever has not answered by then is asked again."""


@dataclass(frozen=True)
class Check:
    """One step of the way, and how it went."""

    what: str
    good: bool
    said: str


def judged(client: httpx.Client, video: dict[str, Any], copies: Sequence[Visit]) -> Iterator[Check]:
    """Every check of *video*, as the API shows it; *copies* are the deliveries that told of its success."""
    taken = [one for one in copies if one.status == 200]
    answered = ", ".join(str(one.status) for one in copies) or "never"
    yield Check(
        "HeyGen's signed webhook arrived and was taken", bool(taken), f"{len(copies)} copies, answered {answered}"
    )
    slowest = max((one.seconds for one in taken), default=0.0)
    yield Check("it was answered within HeyGen's 10 s", slowest < PATIENCE_S, f"{slowest * 1000:.0f} ms at most")
    events = client.get("/api/v1/events", params={"video_id": video["id"], "type": SUBJECT}).json()["data"]
    own = [one for one in events if one["source"] == "webhook"]
    applied = len(own) == 1 and own[0]["state"] != "pending"
    told = ", ".join(f"{one['source']}: {one['state']}" for one in events)
    yield Check("all its copies are one event, and it was applied", applied, told)
    yield Check("the video is ready", video["state"] == "ready", str(video["failure"] or video["state"]))
    if video["state"] == "ready":
        yield _stored(client, video["asset"])
    states = _states(client, video["id"])
    yield Check("the stream told its whole way", states == WAY, " → ".join(states))


def _stored(client: httpx.Client, asset: dict[str, Any]) -> Check:
    """Fetched from where it is kept, as a viewer would; our key goes to nobody but ourselves."""
    digest, length = hashlib.sha256(), 0
    with ExitStack() as open_:
        ours = asset["url"].startswith("/")
        viewer = client if ours else open_.enter_context(httpx.Client())
        answer = open_.enter_context(viewer.stream("GET", asset["url"], timeout=300))
        for chunk in answer.raise_for_status().iter_bytes():
            digest.update(chunk)
            length += len(chunk)
    same = (digest.hexdigest(), length) == (asset["sha256"], asset["bytes"])
    return Check("what is stored is what was verified", same, f"{length} bytes at {asset['store']}")


def _states(client: httpx.Client, video: str) -> list[str]:
    """What the stream tells somebody who asks for everything about this video."""
    states: list[str] = []
    asked = {"video_id": video, "last_event_id": "0"}
    with client.stream("GET", "/api/v1/stream", params=asked, timeout=30) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:") and '"video"' in line:
                state = json.loads(line.removeprefix("data:"))["video"]["state"]
                states += [state] if state not in states[-1:] else []
                if state in ENDS:
                    break
    return states
