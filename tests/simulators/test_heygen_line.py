"""The line a video takes: created, rendered, announced, downloaded."""

import hashlib
import hmac
import json

from .scene import HeyGenApi, Receiver


async def test_a_video_is_rendered_announced_with_a_signature_over_the_raw_body_and_downloadable(
    heygen: HeyGenApi, receiver: Receiver
) -> None:
    endpoint = await heygen.register(receiver.url)
    video_id = await heygen.create(title="Über uns", callback_id="c-1")
    [(headers, body)] = await receiver.received(1)

    assert headers["signature"] == hmac.new(endpoint["secret"].encode(), body, hashlib.sha256).hexdigest()
    assert not [name for name in headers if name.startswith("heygen-")]
    event = json.loads(body)
    assert event["event_type"] == "avatar_video.success"
    assert (event["event_data"]["video_id"], event["event_data"]["callback_id"]) == (video_id, "c-1")

    async with heygen.session.get(event["event_data"]["url"]) as download:
        assert (download.status, download.content_type) == (200, "video/mp4")
        film = await download.read()
    truth = (await heygen.truth(video_id))["media"]["video"]
    assert (len(film), hashlib.sha256(film).hexdigest(), hashlib.md5(film).hexdigest()) == (
        truth["bytes"], truth["sha256"], truth["md5"],
    )  # fmt: skip
