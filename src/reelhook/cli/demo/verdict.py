"""Compares what the audience saw and what is stored with what the simulators know to be true."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from reelhook.cli.demo.audience import Audience, Sighting
from reelhook.cli.demo.play import Client, Performance
from reelhook.cli.demo.scenario import Act

Json = dict[str, Any]


async def judge(client: Client, performance: Performance) -> tuple[Json, list[str]]:
    """The report, and everything that is not as the scenario says."""
    truth = {video["id"]: video for video in (await client.heygen("GET", "/videos"))["videos"]}
    deliveries = (await client.heygen("GET", "/deliveries"))["deliveries"]
    videos, faults = [], _stream_faults(performance.audience)
    for video_id, act in performance.acts.items():
        shown = await client.reelhook("GET", f"/api/v1/videos/{video_id}")
        row, wrong = await _video(client, act, shown, performance.audience.seen[video_id], truth, deliveries)
        videos.append(row)
        faults += [f"{act.title}: {fault}" for fault in wrong]
    totals, wrong = await _totals(client, deliveries)
    return {"videos": videos, "totals": totals}, faults + wrong


async def _video(
    client: Client, act: Act, shown: Json, seen: Sequence[Sighting], truth: Json, deliveries: Sequence[Json]
) -> tuple[Json, list[str]]:
    states = [sighting.state for sighting in seen]
    faults = [] if tuple(states) == act.states else [f"passed {states}, not {list(act.states)}"]
    row: Json = {
        "id": shown["id"],
        "title": act.title,
        "shows": act.shows,
        "store": act.store,
        "states": states,
        "failure": shown["failure"],
        "webhook_to_browser_ms": _latency_ms(shown["heygen_video_id"], seen, deliveries),
    }
    if act.states[-1] == "failed":
        row |= {"bytes": None, "sha256": None}
        if (shown["failure"] or {}).get("message") != act.plan["failure_message"]:
            faults.append(f"the failure shown is {shown['failure']}")
        return row, faults
    source = truth[shown["heygen_video_id"]]["media"]["video"]
    asset = shown["asset"] or {"url": None, "bytes": None, "sha256": None}
    row |= {"bytes": asset["bytes"], "sha256": asset["sha256"]}
    stored = hashlib.sha256(await client.content(asset["url"])).hexdigest() if asset["url"] else None
    if not stored == asset["sha256"] == source["sha256"]:
        faults.append(f"the stored file has {stored}, the database says {asset['sha256']}, HeyGen's {source['sha256']}")
    return row, faults


def _latency_ms(heygen_id: str | None, seen: Sequence[Sighting], deliveries: Sequence[Json]) -> float | None:
    """From the first attempt of the webhook that decided, to the browser event that showed it."""
    decided = next((sighting.at for sighting in seen if sighting.state in ("rendered", "failed")), None)
    kinds = ("avatar_video.success", "avatar_video.fail")
    sent = [
        attempt["at"]
        for delivery in deliveries
        if delivery["event_type"] in kinds and heygen_id and heygen_id in delivery["body"]
        for attempt in delivery["attempts"]
    ]
    return round((decided - min(sent)) * 1000, 1) if decided and sent else None


async def _totals(client: Client, deliveries: Sequence[Json]) -> tuple[Json, list[str]]:
    """Counts of what came in. `lost`: bodies the simulator was told are safe, of which we have no event."""
    events = (await client.reelhook("GET", "/api/v1/events?limit=200"))["data"]
    stored = {(await client.reelhook("GET", f"/api/v1/events/{event['id']}"))["body"] for event in events}
    acknowledged = [(one["url"], one["body"]) for one in deliveries if one["state"] == "delivered"]
    rejections = (await client.reelhook("GET", "/api/v1/rejections?limit=200"))["data"]
    totals = {
        "events": len(events),
        "duplicates": sum(event["duplicates"] for event in events),
        "rejections": len(rejections),
        "lost": len({body for _, body in acknowledged} - stored),
    }
    faults = [f"{totals['lost']} acknowledged events are lost"] if totals["lost"] else []
    repeats = len(acknowledged) - len(set(acknowledged))
    if totals["duplicates"] != repeats:
        faults.append(f"{totals['duplicates']} duplicates were counted, {repeats} were sent")
    if not rejections:
        faults.append("the forged event was not rejected")
    return totals, faults


def _stream_faults(audience: Audience) -> list[str]:
    return [] if all(a < b for a, b in pairwise(audience.ids)) else ["stream ids came twice or out of order"]
