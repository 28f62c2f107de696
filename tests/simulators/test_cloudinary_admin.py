"""The real SDK against the simulator: notifications, the Admin API and delivery."""

import hashlib
import json

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest

from reelhook.simulators.clips import MEDIA

from .scene import CloudinaryApi, Receiver

CLIP = (MEDIA / "tour.mp4").read_bytes()


async def test_an_async_upload_is_pending_then_stored_and_announced(cloud: CloudinaryApi, receiver: Receiver) -> None:
    await cloud.control("PATCH", "/settings", {"processing_s": 0.2})
    options = {"async": True, "notification_url": receiver.url, "public_id": "later"}
    answer = await cloud.upload(CLIP, **options)
    assert (answer["status"], "bytes" in answer) == ("pending", False)
    [(headers, body)] = await receiver.received(1)
    told = json.loads(body)
    assert (told["notification_type"], told["public_id"], told["bytes"]) == ("upload", "later", len(CLIP))
    signed = body + headers["x-cld-timestamp"].encode() + cloud.secret.encode()
    assert headers["x-cld-signature"] == hashlib.sha1(signed).hexdigest()


@pytest.mark.parametrize(
    ("kind", "count", "right"), [("duplicate", 2, True), ("bad_signature", 1, False), ("delay", 1, True)]
)
async def test_notifications_misbehave_too(
    cloud: CloudinaryApi, receiver: Receiver, kind: str, count: int, right: bool
) -> None:
    await cloud.arm(kind, on="notification")
    await cloud.upload(CLIP, notification_url=receiver.url)
    for headers, body in await receiver.received(count):
        signed = body + headers["x-cld-timestamp"].encode() + cloud.secret.encode()
        assert (headers["x-cld-signature"] == hashlib.sha1(signed).hexdigest()) is right


async def test_a_notification_is_tried_again(cloud: CloudinaryApi, receiver: Receiver) -> None:
    receiver.statuses = [500]
    await cloud.control("PATCH", "/settings", {"notification_retries_s": [0.01]})
    await cloud.upload(CLIP, notification_url=receiver.url)
    await receiver.received(2)


async def test_notifications_can_be_polled(cloud: CloudinaryApi) -> None:
    await cloud.control("PATCH", "/settings", {"processing_s": 0.05})
    options = {"async": True, "notification_url": "poll://*", "batch_id": "b-1"}
    await cloud.upload(CLIP, **options)
    [message] = (await cloud.sdk(cloudinary.api.notifications, batch_id="b-1", wait_seconds=5))["messages"]
    raw = cloudinary.utils.base64url_decode(message["signed_payload"])
    signed = f"{raw}{message['timestamp']}{cloud.secret}"
    assert message["signature"] == hashlib.sha1(signed.encode()).hexdigest()
    assert "messages" not in await cloud.sdk(cloudinary.api.notifications, batch_id="b-1", wait_seconds=0)
    acked = await cloud.sdk(cloudinary.api.ack_notifications, [message["receipt_handle"]])
    assert acked["results"] == [{"status": "acked"}]


async def test_eager_comes_later_when_asked_so(cloud: CloudinaryApi, receiver: Receiver) -> None:
    await cloud.control("PATCH", "/settings", {"processing_s": 0.01})
    eager = [{"streaming_profile": "auto", "format": "m3u8"}]
    now = await cloud.upload(CLIP, public_id="x", eager=eager)
    assert now["eager"][0]["transformation"] == "sp_auto/m3u8"
    options = {"eager_async": True, "eager_notification_url": receiver.url, "resource_type": "video", "type": "upload"}
    later = await cloud.sdk(cloudinary.uploader.explicit, "x", eager=eager, **options)
    assert "eager" not in later
    [(_, body)] = await receiver.received(1)
    assert json.loads(body)["notification_type"] == "eager"


async def test_the_admin_api_shows_renames_and_deletes(cloud: CloudinaryApi) -> None:
    made = await cloud.upload(CLIP, public_id="a/b")
    shown = await cloud.sdk(cloudinary.api.resource, "a/b", resource_type="video")
    assert (shown["asset_id"], shown["etag"]) == (made["asset_id"], made["etag"])
    renamed = await cloud.sdk(cloudinary.uploader.rename, "a/b", "c", resource_type="video")
    assert renamed["public_id"] == "c"
    assert (await cloud.sdk(cloudinary.uploader.destroy, "c", resource_type="video"))["result"] == "ok"
    assert (await cloud.sdk(cloudinary.uploader.destroy, "c", resource_type="video"))["result"] == "not found"
    with pytest.raises(cloudinary.exceptions.NotFound):
        await cloud.sdk(cloudinary.api.resource, "c", resource_type="video")
    await cloud.upload(CLIP, public_id="d")
    deleted = await cloud.sdk(cloudinary.api.delete_resources, ["d", "e"], resource_type="video")
    assert deleted["deleted"] == {"d": "deleted", "e": "not_found"}
    assert deleted.rate_limit_allowed == 2000


async def test_delivery_serves_ranges_posters_and_attachments(cloud: CloudinaryApi) -> None:
    url = (await cloud.upload(CLIP, public_id="a/b"))["secure_url"]
    async with cloud.session.get(url, headers={"Range": "bytes=10-19"}) as response:
        assert (response.status, await response.read()) == (206, CLIP[10:20])
    poster = url.replace("/upload/", "/upload/c_limit,so_auto,w_640/").replace(".mp4", ".jpg")
    async with cloud.session.get(poster) as response:
        assert (response.content_type, await response.read()) == ("image/jpeg", (MEDIA / "tour.jpg").read_bytes())
    async with cloud.session.get(url.replace("/upload/", "/upload/fl_attachment/")) as response:
        assert response.headers["content-disposition"] == 'attachment; filename="b.mp4"'
    async with cloud.session.get(url.replace("b.mp4", "nobody.mp4")) as response:
        assert (response.status, "x-cld-error" in response.headers) == (404, True)


async def test_the_admin_api_is_processing_for_as_many_polls_as_told(cloud: CloudinaryApi) -> None:
    await cloud.upload(CLIP, public_id="x")
    await cloud.arm("still_processing", on="admin", target="/resources/", times=2)
    for _ in range(2):
        with pytest.raises(Exception, match="423"):
            await cloud.sdk(cloudinary.api.resource, "x", resource_type="video")
    assert (await cloud.sdk(cloudinary.api.resource, "x", resource_type="video"))["public_id"] == "x"


async def test_idle_and_reset(cloud: CloudinaryApi) -> None:
    await cloud.control("PATCH", "/settings", {"processing_s": 60})
    await cloud.upload(CLIP, **{"async": True})
    assert await cloud.control("GET", "/idle") == {"idle": False}
    await cloud.upload(CLIP, public_id="x")
    await cloud.control("POST", "/reset")
    assert await cloud.control("GET", "/idle") == {"idle": True}
    assert await cloud.assets() == {}
