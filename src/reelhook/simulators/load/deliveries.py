"""Deliveries as HeyGen sends them, each of another video, signed before the clock runs."""

import hmac
import json
from secrets import token_hex
from typing import Any

MARK = "0" * 32
NOWHERE = "https://127.0.0.1:9"  # no service may fetch from there, so nothing leaves this machine
SUCCESS = {
    "video_id": MARK,
    "url": f"{NOWHERE}/aws_pacific/avatar_tmp/{MARK}/{MARK}.mp4?Expires=1764835200&Signature=ssssssssssssssss",
    "gif_download_url": f"{NOWHERE}/video/gifs/{MARK}.gif",
    "video_page_url": f"https://app.heygen.com/videos/{MARK}",
    "video_share_page_url": f"https://app.heygen.com/share/{MARK}",
    "folder_id": None,
    "callback_id": None,
}
FAILURE = {"video_id": MARK, "callback_id": None, "msg": "Rendering failed, " * 24}
EVENTS: dict[str, dict[str, Any]] = {"avatar_video.success": SUCCESS, "avatar_video.fail": FAILURE}


def deliveries(opening: bytes, event_type: str, secret: str, many: int) -> list[bytes]:
    """*many* whole requests that begin with *opening*: request line and headers, without the empty line."""
    event = {"event_type": event_type, "event_data": EVENTS[event_type]}
    template, key, run = json.dumps(event).encode(), secret.encode(), token_hex(8)
    opening += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(template)
    made = []
    for number in range(many):
        body = template.replace(MARK.encode(), f"{run}{number:016x}".encode())
        signature = hmac.digest(key, body, "sha256").hex().encode()
        made.append(opening + b"signature: " + signature + b"\r\n\r\n" + body)
    return made
