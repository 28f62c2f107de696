"""Who is told, how it is signed, and what happens when nobody answers."""

import asyncio
import hashlib
import hmac
import json

import aiohttp
import pytest

from reelhook.simulators.heygen.webhooks import sign

from .scene import HeyGenApi, Receiver, deaf, until


def test_the_signature_is_the_golden_one() -> None:
    body = b'{"event_type":"avatar_video.success","event_data":{"video_id":"v9"}}'
    assert sign(body, "whsec_test") == "7faac7fdb91c65e612d32189dcb215e507cec92c66b140ab330e33966659b9ac"


async def types_of(receiver: Receiver, count: int) -> list[str]:
    return [json.loads(body)["event_type"] for _, body in await receiver.received(count)]


async def test_duplicates_are_the_same_bytes(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(duplicates=2)
    await heygen.create()
    bodies = [body for _, body in await receiver.received(3)]
    assert bodies == [bodies[0]] * 3


async def test_a_delivery_is_tried_again_until_it_is_answered_2xx(heygen: HeyGenApi, receiver: Receiver) -> None:
    receiver.statuses = [503, 302]
    await heygen.control("PATCH", "/settings", {"retry_first_s": 0.01})
    await heygen.register(receiver.url)
    await heygen.create()
    posts = await receiver.received(3)
    assert len({body for _, body in posts}) == 1
    await asyncio.wait_for(quiet(heygen), 30)
    [delivery] = (await heygen.control("GET", "/deliveries"))["deliveries"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 302, 200]
    assert delivery["state"] == "delivered"


async def quiet(heygen: HeyGenApi) -> None:
    while not (await heygen.control("GET", "/idle"))["idle"]:
        await asyncio.sleep(0.01)


async def test_a_delivery_is_given_up_in_the_end(heygen: HeyGenApi, receiver: Receiver) -> None:
    receiver.statuses = [500] * 1000
    await heygen.control("PATCH", "/settings", {"retry_first_s": 0.01, "retry_most_s": 0.01, "give_up_s": 0.3})
    await heygen.register(receiver.url)
    await heygen.create()
    await receiver.received(2)
    await asyncio.wait_for(quiet(heygen), 30)
    [delivery] = (await heygen.control("GET", "/deliveries"))["deliveries"]
    assert delivery["state"] == "given_up"


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("wire", {"signature"}),
        ("docs", {"heygen-signature", "heygen-timestamp", "heygen-event-id"}),
        ("both", {"signature", "heygen-signature", "heygen-timestamp", "heygen-event-id"}),
        ("unsigned", set()),
    ],
)
async def test_signing_modes(heygen: HeyGenApi, receiver: Receiver, mode: str, names: set[str]) -> None:
    secret = (await heygen.register(receiver.url))["secret"]
    await heygen.control("PATCH", "/settings", {"signing": mode})
    await heygen.create()
    [(headers, body)] = await receiver.received(1)
    assert {name for name in headers if name == "signature" or name.startswith("heygen-")} == names
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert {headers[name] for name in names if name.endswith("signature")} <= {right}


async def test_body_modes(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    modes = {"body_ids": True, "extra_keys": True, "spaced_json": True, "ascii_json": True, "empty_folder_id": True}
    await heygen.control("PATCH", "/settings", modes)
    await heygen.create()
    [(_, body)] = await receiver.received(1)
    event = json.loads(body)
    assert event["event_id"].startswith("evt_")
    assert event["created_at"].endswith("Z")
    assert event["event_data"]["folder_id"] == ""
    assert event["event_data"]["callback_id"] is None
    assert b'", "' in body
    assert b"\\u00dcn\\u00efted" in body


async def test_bodies_are_compact_and_utf8_by_default(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.create(callback_id="Zürich")
    [(_, body)] = await receiver.received(1)
    assert "Zürich".encode() in body
    assert b'":"' in body
    assert set(json.loads(body)) == {"event_type", "event_data"}


async def test_a_callback_url_is_told_too_and_unsigned(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.create(callback_url=f"{receiver.url}?token=t", callback_id="mine")
    posts = await receiver.received(2)
    assert sorted("signature" in headers for headers, _ in posts) == [False, True]
    assert {json.loads(body)["event_data"]["callback_id"] for _, body in posts} == {"mine"}


async def test_captions_and_gif_are_announced_after_the_video(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(gif=True, captions=True, caption_after_s=0.7)
    await heygen.create()
    assert await types_of(receiver, 3) == [
        "avatar_video.success", "avatar_video_gif.success", "avatar_video_caption.success",
    ]  # fmt: skip


async def test_out_of_order_means_gif_first_and_the_success_once_more_at_the_end(
    heygen: HeyGenApi, receiver: Receiver
) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(render_s=0.6, gif=True, delivery="out_of_order")
    await heygen.create()
    types = await types_of(receiver, 3)
    assert types == ["avatar_video_gif.success", "avatar_video.success", "avatar_video.success"]


async def test_a_stale_fail_can_be_planned_after_the_success(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(extra_events=[{"type": "avatar_video.fail", "after_s": 0.1}])
    await heygen.create()
    assert await types_of(receiver, 2) == ["avatar_video.success", "avatar_video.fail"]


@pytest.mark.parametrize(("delivery", "listed"), [("lost", 1), ("none", 0)])
async def test_events_that_never_come(heygen: HeyGenApi, receiver: Receiver, delivery: str, listed: int) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(delivery=delivery)
    await heygen.finished(await heygen.create())
    await asyncio.wait_for(quiet(heygen), 30)
    assert receiver.posts == []
    assert len(await heygen.data("GET", "/v3/webhooks/events")) == listed


async def test_the_history_has_pages_and_can_be_without_ids(heygen: HeyGenApi, receiver: Receiver) -> None:
    for number in range(3):
        await heygen.control("POST", "/send", {"event_data": {"n": number}, "entity_id": "v"})
    _, first = await heygen.call("GET", "/v3/webhooks/events?limit=2&entity_id=v")
    assert ([row["event_data"]["n"] for row in first["data"]], first["has_more"]) == ([2, 1], True)
    await heygen.control("PATCH", "/settings", {"history_ids": False})
    _, second = await heygen.call("GET", f"/v3/webhooks/events?limit=2&token={first['next_token']}")
    assert ([row["event_data"]["n"] for row in second["data"]], second["next_token"]) == ([0], None)
    assert "event_id" in first["data"][0]
    assert "event_id" not in second["data"][0]


async def test_events_can_be_sent_by_hand_with_any_signature(heygen: HeyGenApi, receiver: Receiver) -> None:
    secret = (await heygen.register(receiver.url))["secret"]
    for count, signature in enumerate(("right", "wrong", "missing", "reserialized"), 1):
        order = {"event_type": "batch.finished", "event_data": {"x": "ü"}, "signature": signature}
        await heygen.control("POST", "/send", order)
        await receiver.received(count)
    verdicts = [
        headers.get("signature") == sign(body, secret) if "signature" in headers else None
        for headers, body in receiver.posts
    ]
    assert verdicts == [True, False, None, False]


async def test_a_raw_body_can_be_sent_to_any_url_under_any_secret(heygen: HeyGenApi, receiver: Receiver) -> None:
    order = {"url": receiver.url, "body": "not json", "secret": "whsec_mine", "copies": 2, "headers": {"X-Odd": "1"}}
    await heygen.control("POST", "/send", order)
    for headers, body in await receiver.received(2):
        assert (body, headers["signature"], headers["x-odd"]) == (b"not json", sign(body, "whsec_mine"), "1")


async def test_rotation_kills_the_old_secret_at_once_and_lists_never_show_it(
    heygen: HeyGenApi, receiver: Receiver
) -> None:
    endpoint = await heygen.register(receiver.url)
    rotated = await heygen.data("POST", f"/v3/webhooks/endpoints/{endpoint['endpoint_id']}/rotate-secret")
    await heygen.create()
    [(headers, body)] = await receiver.received(1)
    assert headers["signature"] == sign(body, rotated["secret"]) != sign(body, endpoint["secret"])
    [listed] = await heygen.data("GET", "/v3/webhooks/endpoints")
    assert listed["secret"] is None


async def test_a_repeated_key_repeats_the_secret_even_when_the_answer_was_lost(
    heygen: HeyGenApi, receiver: Receiver
) -> None:
    base = "/v3/webhooks/endpoints"
    made = [await heygen.call("POST", base, {"url": receiver.url}, Idempotency_Key="made") for _ in range(2)]
    assert made[0] == made[1]
    rotate = f"{base}/{made[0][1]['data']['endpoint_id']}/rotate-secret"
    await heygen.arm("drop_after", on="api", target="rotate-secret")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await heygen.call("POST", rotate, Idempotency_Key="turned")
    _, again = await heygen.call("POST", rotate, Idempotency_Key="turned")
    [known] = (await heygen.control("GET", "/endpoints"))["endpoints"]
    assert (known["secret"], known["rotations"]) == (again["data"]["secret"], 1)
    await heygen.call("POST", rotate, Idempotency_Key="again")
    [known] = (await heygen.control("GET", "/endpoints"))["endpoints"]
    assert (known["secret"] != again["data"]["secret"], known["rotations"]) == (True, 2)


async def test_an_endpoint_gets_only_what_it_subscribed_to(heygen: HeyGenApi, receiver: Receiver) -> None:
    endpoint = await heygen.register(receiver.url, events=["video_agent.success"])
    await heygen.create()
    await heygen.control("POST", "/send", {"event_type": "video_agent.success"})
    assert await types_of(receiver, 1) == ["video_agent.success"]
    path = f"/v3/webhooks/endpoints/{endpoint['endpoint_id']}"
    assert (await heygen.data("PATCH", path, {"events": None}))["events"] is None
    assert await heygen.data("DELETE", path) == {}
    assert await heygen.data("GET", "/v3/webhooks/endpoints") == []


async def test_registration_can_probe_and_can_insist_on_https(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.control("PATCH", "/settings", {"probe_endpoints": True})
    await heygen.register(receiver.url)
    assert receiver.options == 1
    status, answer = await heygen.call("POST", "/v3/webhooks/endpoints", {"url": receiver.url + "/nothing-here"})
    assert (status, answer["error"]["message"]) == (400, "Webhook endpoint validation failed")
    await heygen.control("PATCH", "/settings", {"plain_http": "never"})
    status, _ = await heygen.call("POST", "/v3/webhooks/endpoints", {"url": receiver.url})
    assert status == 400


async def test_there_are_thirty_event_types(heygen: HeyGenApi) -> None:
    types = {row["event_type"] for row in await heygen.data("GET", "/v3/webhooks/event-types")}
    assert len(types) == 30
    assert {"personalized_video", "ai_clipping.fail", "video_translate.preflight.download_failed"} <= types


async def test_a_slow_receiver_is_given_up_on_and_tried_again(heygen: HeyGenApi) -> None:
    async with deaf() as server:
        await heygen.control("PATCH", "/settings", {"answer_timeout_s": 0.05, "retry_first_s": 0.01})
        await heygen.register(server.url)
        await heygen.create()
        await until(lambda: server.connections >= 2, "a second attempt")
        [delivery] = (await heygen.control("GET", "/deliveries"))["deliveries"]
        assert "Timeout" in delivery["attempts"][0]["error"]
        await heygen.control("POST", "/reset")
