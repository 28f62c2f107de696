"""The API itself: who may call, what is refused, and what is answered."""

import asyncio
import time

import aiohttp
import pytest

from .scene import HeyGenApi, Receiver, deaf


async def test_without_the_right_key_there_is_one_401(heygen: HeyGenApi) -> None:
    answers = [await heygen.call("GET", "/v3/videos", None, X_Api_Key=key) for key in ("", "wrong")]
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["error"]["code"]) == (401, "unauthorized")


async def test_a_key_can_stop_working_and_work_again(heygen: HeyGenApi) -> None:
    await heygen.control("PATCH", "/settings", {"key_refused": True})
    assert (await heygen.call("GET", "/v3/videos"))[0] == 401
    await heygen.control("PATCH", "/settings", {"key_refused": False})
    assert (await heygen.call("GET", "/v3/videos"))[0] == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"type": "avatar", "avatar_id": "a", "script": "x", "colour": "red"}, "colour"),
        ({"type": "avatar", "script": "x"}, "avatar_id"),
        ({"type": "avatar", "avatar_id": "a"}, "script"),
        ({"type": "cinematic_avatar", "avatar_id": ["a"], "prompt": "p", "callback_id": "c"}, "callback_id"),
        ({"type": "film"}, "type"),
    ],
)
async def test_what_heygen_does_not_take_is_400(heygen: HeyGenApi, body: dict[str, object], param: str) -> None:
    status, answer = await heygen.call("POST", "/v3/videos", body)
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (400, "invalid_parameter", param)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "image", "image": {"type": "url", "url": "https://h/i.png"}, "script": "x"},
        {"type": "studio", "scenes": [{"type": "media"}]},
        {"type": "cinematic_avatar", "avatar_id": ["a"], "prompt": "p"},
    ],
)
async def test_every_type_of_video_can_be_made(heygen: HeyGenApi, body: dict[str, object]) -> None:
    made = await heygen.data("POST", "/v3/videos", body)
    assert (made["status"], made["output_format"]) == ("waiting", "mp4")


async def test_a_video_waits_then_is_processed_then_completed(heygen: HeyGenApi) -> None:
    await heygen.plan(render_s=3)
    video_id = await heygen.create(title="T")
    seen: list[str] = []
    while not seen or seen[-1] != "completed":
        status = (await heygen.data("GET", f"/v3/videos/{video_id}"))["status"]
        seen += [status] if seen[-1:] != [status] else []
    assert seen == ["pending", "processing", "completed"]


async def test_a_failed_video_says_why(heygen: HeyGenApi) -> None:
    await heygen.plan(outcome="failed", failure_code="MOVIO_PAYMENT_INSUFFICIENT_CREDIT", failure_message="No credit.")
    video = await heygen.finished(await heygen.create())
    assert (video["status"], video["video_url"]) == ("failed", None)
    assert (video["failure_code"], video["failure_message"]) == ("MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "No credit.")


async def test_a_video_can_be_completed_without_a_url(heygen: HeyGenApi) -> None:
    await heygen.plan(without_url=True)
    video = await heygen.finished(await heygen.create())
    assert (video["status"], video["video_url"]) == ("completed", None)


async def test_an_unknown_video_is_404_in_the_live_words(heygen: HeyGenApi) -> None:
    status, answer = await heygen.call("GET", "/v3/videos/vid-1")
    assert status == 404
    assert answer["error"] == {
        "code": "video_not_found",
        "doc_url": "https://developers.heygen.com/docs/error-codes#video-not-found",
        "message": "Video vid-1 not found",
    }


async def test_one_render_too_many_is_429(heygen: HeyGenApi) -> None:
    await heygen.control("POST", "/plans", {"default": {"outcome": "stuck"}})
    for _ in range(10):
        await heygen.create()
    body = {"type": "avatar", "avatar_id": "a", "script": "x"}
    async with heygen.session.post(f"{heygen.base}/v3/videos", json=body) as response:
        assert (response.status, int(response.headers["retry-after"]) > 0) == (429, True)


async def test_an_idempotency_key_repeats_the_answer(heygen: HeyGenApi) -> None:
    body = {"type": "avatar", "avatar_id": "a", "script": "x"}
    first = await heygen.call("POST", "/v3/videos", body, Idempotency_Key="k-1")
    again = await heygen.call("POST", "/v3/videos", {**body, "script": "y"}, Idempotency_Key="k-1")
    other = await heygen.call("POST", "/v3/videos", body, Idempotency_Key="k-2")
    assert first == again != other
    assert len(await heygen.data("GET", "/v3/videos")) == 2
    status, _ = await heygen.call("POST", "/v3/videos", body, Idempotency_Key="no spaces")
    assert status == 400


async def test_a_key_in_use_is_409(heygen: HeyGenApi) -> None:
    async with deaf() as server:
        await heygen.control("PATCH", "/settings", {"probe_endpoints": True})  # a second, in which the key is in use
        calls = [
            heygen.call("POST", "/v3/webhooks/endpoints", {"url": server.url}, Idempotency_Key="k") for _ in range(2)
        ]
        assert sorted([status for status, _ in await asyncio.gather(*calls)]) == [400, 409]


async def test_lists_have_pages(heygen: HeyGenApi) -> None:
    ids = [await heygen.create(title=f"t{number}") for number in range(3)]
    _, first = await heygen.call("GET", "/v3/videos?limit=2")
    _, second = await heygen.call("GET", f"/v3/videos?limit=2&token={first['next_token']}")
    assert [row["id"] for row in first["data"] + second["data"]] == ids[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


async def test_many_statuses_at_once_and_not_found_among_them(heygen: HeyGenApi) -> None:
    video_id = await heygen.create()
    await heygen.finished(video_id)
    rows = await heygen.data("GET", f"/v3/videos/statuses?video_ids={video_id},gone")
    assert [(row["video_id"], row["status"]) for row in rows] == [(video_id, "completed"), ("gone", "not_found")]


async def test_a_deleted_video_is_gone_and_silent(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.plan(render_s=1.0)  # it is deleted long before
    video_id = await heygen.create()
    assert await heygen.data("DELETE", f"/v3/videos/{video_id}") == {"id": video_id, "deleted": True}
    assert (await heygen.call("GET", f"/v3/videos/{video_id}"))[0] == 404
    while not (await heygen.control("GET", "/idle"))["idle"]:
        await asyncio.sleep(0.01)
    assert receiver.posts == []


async def test_v1_is_retired_unless_the_account_is_old(heygen: HeyGenApi) -> None:
    video_id = await heygen.create()
    await heygen.finished(video_id)
    path = f"/v1/video_status.get?video_id={video_id}"
    assert (await heygen.call("GET", path))[0] == 404
    assert (await heygen.call("GET", "/v1/webhook/endpoint.list"))[0] == 404
    await heygen.control("PATCH", "/settings", {"legacy": True})
    status, answer = await heygen.call("GET", path)
    assert (status, answer["code"], answer["data"]["status"]) == (200, 100, "completed")


async def test_an_agent_session_leads_to_a_video(heygen: HeyGenApi) -> None:
    session = await heygen.data("POST", "/v3/video-agents", {"prompt": "A film about tea"})
    await heygen.finished(session["video_id"])
    assert (await heygen.data("GET", f"/v3/video-agents/{session['session_id']}"))["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "body", "id_at", "event"),
    [
        ("video-translations", {"video": {"type": "url", "url": "u"}, "output_languages": ["Spanish (Spain)"]},
         "video_translation_ids", "video_translate.success"),
        ("hyperframes/renders", {"title": "h"}, "render_id", "hyperframes_video.success"),
        ("ai-clipping", {"video": {"type": "url", "url": "u"}}, "id", "ai_clipping.success"),
    ],
)  # fmt: skip
async def test_other_jobs_complete_and_are_announced(
    heygen: HeyGenApi, receiver: Receiver, path: str, body: dict[str, object], id_at: str, event: str
) -> None:
    await heygen.register(receiver.url, events=[event])
    made = (await heygen.data("POST", f"/v3/{path}", body))[id_at]
    job_id = made[0] if isinstance(made, list) else made
    await receiver.received(1)
    job = await heygen.data("GET", f"/v3/{path}/{job_id}")
    assert job["status"] == "completed"
    url = job["clips"][1]["video_url"] if "clips" in job else job["video_url"]
    async with heygen.session.get(url) as response:
        assert (response.status, response.content_type) == (200, "video/mp4")


@pytest.mark.parametrize(
    ("kind", "status"), [("server_error", 500), ("bad_gateway", 502), ("unavailable", 503), ("rate_limited", 429)]
)
async def test_the_api_fails_when_told_to(heygen: HeyGenApi, kind: str, status: int) -> None:
    await heygen.arm(kind, on="api", target="GET /v3/videos", seconds=3)
    async with heygen.session.get(f"{heygen.base}/v3/videos") as response:
        assert response.status == status
        assert response.headers.get("retry-after") == ("3" if status in (429, 503) else None)
    assert (await heygen.call("GET", "/v3/videos"))[0] == 200


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after", 1)])
async def test_the_line_can_go_dead_before_or_after_the_work(heygen: HeyGenApi, kind: str, made: int) -> None:
    await heygen.arm(kind, on="api", target="POST /v3/videos")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await heygen.create()
    assert len(await heygen.data("GET", "/v3/videos")) == made


async def test_videos_can_be_planned_to_end_at_one_moment_whenever_they_were_created(heygen: HeyGenApi) -> None:
    at = time.time() + 0.4
    for _ in range(2):
        await heygen.plan(ends_at=at, render_s=3600)
    made = [await heygen.create(), await heygen.create()]
    for video_id in made:
        await heygen.finished(video_id)
    told = {video["id"]: video["completed_at"] for video in (await heygen.control("GET", "/videos"))["videos"]}
    assert all(told[video_id] >= at for video_id in made)
