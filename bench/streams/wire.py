"""What is sent to servers, as bytes."""

import hmac
import json
from collections.abc import Mapping

from bench.kit.servers import SECRET


def request(line: str, *fields: str, body: bytes = b"") -> bytes:
    """A request whose *line* names method and path, with these header *fields*."""
    length = [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([f"{line} HTTP/1.1", "host: bench", *fields, *length, "", ""]).encode() + body


def failure(video: str) -> bytes:
    """A signed delivery that says that HeyGen's *video* failed: all work for it is done once it is applied."""
    return _delivery("avatar_video.fail", {"video_id": video, "msg": "no"})


def success(video: str, url: str) -> bytes:
    """A signed delivery that says that HeyGen's *video* can be had at *url*."""
    return _delivery("avatar_video.success", {"video_id": video, "url": url})


def _delivery(event: str, data: Mapping[str, str]) -> bytes:
    body = json.dumps({"event_type": event, "event_data": data}).encode()
    signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
    return request("POST /webhooks/heygen", f"signature: {signature}", "content-type: application/json", body=body)
