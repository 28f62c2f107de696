"""Deliveries as HeyGen sends them, each of another video, signed before the clock runs."""

import hmac
import json
from secrets import token_hex

MARK = "0" * 32
EVENT = {
    "event_type": "avatar_video.success",
    "event_data": {
        "video_id": MARK,
        "url": f"https://files2.heygen.ai/aws_pacific/avatar/{MARK}/{MARK}.mp4?Expires=1764835200&Signature=ssssssss",
        "gif_download_url": f"https://resource2.heygen.ai/video/gifs/{MARK}.gif",
        "video_page_url": f"https://app.heygen.com/videos/{MARK}",
        "video_share_page_url": f"https://app.heygen.com/share/{MARK}",
        "folder_id": None,
        "callback_id": None,
    },
}


def deliveries(opening: bytes, secret: str, many: int) -> list[bytes]:
    """*many* whole requests that begin with *opening*: request line and headers, without the empty line."""
    template, key, run = json.dumps(EVENT).encode(), secret.encode(), token_hex(8)
    opening += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(template)
    made = []
    for number in range(many):
        body = template.replace(MARK.encode(), f"{run}{number:016x}".encode())
        signature = hmac.digest(key, body, "sha256").hex().encode()
        made.append(opening + b"signature: " + signature + b"\r\n\r\n" + body)
    return made
