"""HeyGen's endpoint and webhooks, videos, and what came in."""

import json
from typing import Any

import httpx2 as httpx

from reelhook.events import sign
from tests.docs.asking import Asking

RENDER = {"type": "avatar", "avatar_id": "anna", "voice_id": "emma", "script": "Hello!"}
FAILED = {"event_type": "avatar_video.fail", "event_data": {"video_id": "8e1b", "msg": "No voice for this language"}}
PRIVATE = {
    "event_type": "avatar_video.success",
    "event_data": {"video_id": "9f2c", "url": "http://10.0.0.5/film.mp4?Expires=1"},
}


def tell(one: Asking) -> None:
    _endpoint(one)
    video_id = _videos(one)
    _events(one, video_id)
    _rejections(one)
    _work(one)


def _endpoint(one: Asking) -> None:
    one.ask("OPTIONS", "/webhooks/heygen")
    made = one.ask("POST", "/api/v1/webhook-endpoints", {})
    one.ask("GET", "/api/v1/webhook-endpoints")
    one.ask(
        "POST",
        "/api/v1/webhook-endpoints/{endpoint_id}/rotate-secret",
        {"overlap_h": 24},
        endpoint_id=made["endpoint"]["id"],
    )
    one.ask("GET", "/api/v1/webhook-secrets")


def _videos(one: Asking) -> str:
    one.ask("GET", "/api/v1/heygen")
    one.ask("GET", "/api/v1/heygen/avatars", query={"limit": 2})
    one.ask("GET", "/api/v1/heygen/voices", query={"limit": 2})
    wanted = {"heygen": RENDER, "title": "Welcome", "subject": _ada(one)}
    video_id: str = one.ask("POST", "/api/v1/videos", wanted, headers={"Idempotency-Key": "order-4711"})["id"]
    at = f"/api/v1/videos/{video_id}"
    one.wait(at, lambda video: video["state"] == "ready")
    one.ask("GET", "/api/v1/videos", query={"state": "ready", "limit": 1})
    one.ask("GET", "/api/v1/videos/counts")
    shown = one.ask("GET", "/api/v1/videos/{video_id}", video_id=video_id)
    one.ask("GET", "/media/{asset_id}", asset_id=shown["asset"]["url"].rsplit("/", 1)[-1])
    one.ask("GET", "/api/v1/videos/{video_id}/timeline", video_id=video_id)
    one.ask("PATCH", "/api/v1/videos/{video_id}", {"title": "Welcome, Ada"}, video_id=video_id)
    one.ask("POST", "/api/v1/videos/{video_id}/seen", {"browser": "a-browser-of-adas"}, by=one.ada, video_id=video_id)
    one.ask("POST", "/api/v1/videos/{video_id}/links", {"ttl_s": 86400}, video_id=video_id)
    one.ask("GET", "/api/v1/heygen/videos", query={"limit": 2})
    tracked = one.admin.post("/api/v1/videos", json={"heygen_video_id": "made-elsewhere"}).json()["id"]
    one.ask("DELETE", "/api/v1/videos/{video_id}", query={"confirm": tracked}, video_id=tracked)
    return video_id


def _ada(one: Asking) -> str:
    """Whose videos these are."""
    return str(one.ada.get("/api/v1/me").json()["id"])


def _events(one: Asking, video_id: str) -> None:
    found = one.ask("GET", "/api/v1/events", query={"video_id": video_id, "limit": 1})["data"]
    one.ask("GET", "/api/v1/events/count", query={"type": "avatar_video.success"})
    one.ask("GET", "/api/v1/events/{event_id}", event_id=found[0]["id"])
    one.ask("POST", "/api/v1/events/{event_id}/replay", event_id=found[0]["id"])
    one.ask("POST", "/api/v1/events/replay", {"type": "avatar_video.success"})
    one.ask("GET", "/api/v1/schema-drift")
    one.wait("/api/v1/senders", lambda senders: senders["data"])
    one.ask("GET", "/api/v1/senders")


def _rejections(one: Asking) -> None:
    raw = b'{"event_type": "avatar_video.success", "event_data": {}}'
    wrong = sign(raw, "whsec_of_somebody_else")
    refused = httpx.post(f"{one.service.base}/webhooks/heygen", content=raw, headers={"signature": wrong}, timeout=15)
    assert refused.status_code == 401
    (kept, *_) = one.wait("/api/v1/rejections", lambda found: found["data"])["data"]
    one.ask("GET", "/api/v1/rejections", query={"limit": 1})
    one.wait("/api/v1/rejections/counts", lambda found: found["data"])
    one.ask("GET", "/api/v1/rejections/counts")
    one.ask("GET", "/api/v1/rejections/{rejection_id}", rejection_id=kept["id"])
    check = {"body": raw.decode(), "headers": {"signature": "0" * 64}, "secret": "whsec_example"}
    one.ask("POST", "/api/v1/signature-check", check)


def _work(one: Asking) -> None:
    """A link that leads inside is not followed: its job is dead at once."""
    answer = _deliver(one, FAILED)
    one.told["POST /webhooks/heygen"] = {"status": 200, "body": FAILED, "answer": answer}
    _deliver(one, PRIVATE)
    letter = _letter(one)
    one.ask("GET", "/api/v1/jobs/destinations")
    one.ask("GET", "/api/v1/jobs", query={"state": "dead", "kind": "archive_asset"})
    one.ask("GET", "/api/v1/jobs/counts")
    one.ask("GET", "/api/v1/jobs/{job_id}", job_id=letter["id"])
    one.ask("POST", "/api/v1/jobs/{job_id}/retry", job_id=letter["id"])
    letter = _letter(one)
    one.ask("POST", "/api/v1/videos/{video_id}/retry", video_id=letter["video_id"])
    letter = _letter(one)
    reason = {"reason": "the film was made for a test"}
    one.ask("POST", "/api/v1/jobs/{job_id}/discard", reason, job_id=letter["id"])
    one.ask("POST", "/api/v1/jobs/retry", {"kind": "archive_asset"})


def _deliver(one: Asking, event: Any) -> Any:
    """One webhook as HeyGen sends it; what it is answered."""
    (endpoint,) = one.outside.control("GET", "/endpoints")["endpoints"]
    raw = json.dumps(event).encode()
    signed = {"signature": sign(raw, endpoint["secret"]), "content-type": "application/json"}
    answer = httpx.post(f"{one.service.base}/webhooks/heygen", content=raw, headers=signed, timeout=15)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _letter(one: Asking) -> Any:
    """The one dead letter, once it is there."""
    only = {"state": "dead", "kind": "archive_asset", "discarded": False}
    return one.wait("/api/v1/jobs", lambda found: found["data"], **only)["data"][0]
