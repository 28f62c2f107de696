from typing import Any

import pytest

from reelhook.errors import WrongInput
from reelhook.heygen import Created, HeyGen, HeyGenRefused, HeyGenUnavailable, RemoteStatus, RemoteVideo, VideoNotFound

from .conftest import FakeHeyGen

DETAIL = {
    "id": "v_abc", "title": "My Generated Video", "status": "completed", "created_at": 1711929600,
    "video_url": "https://files.heygen.ai/v.mp4", "thumbnail_url": "https://files.heygen.ai/t.jpg",
    "gif_url": "https://files.heygen.ai/g.gif", "captioned_video_url": "https://files.heygen.ai/c.mp4",
    "subtitle_url": "https://files.heygen.ai/s.srt", "duration": 30.5, "failure_code": None, "failure_message": None,
}  # fmt: skip


# --- create -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "line", "answer", "made"),
    [
        (
            {"type": "avatar", "avatar_id": "a", "script": "Hello"},
            "POST /v3/videos",
            {"video_id": "v1", "status": "waiting", "output_format": "mp4"},
            Created("avatar_video", "v1", "waiting"),
        ),
        (
            {"prompt": "p"},
            "POST /v3/video-agents",
            {"session_id": "s1", "status": "thinking", "video_id": None},
            Created("video_agent", "s1", "thinking", "s1"),
        ),
        (
            {"prompt": "p"},
            "POST /v3/video-agents",
            {"session_id": "s1", "status": "generating", "video_id": "v1"},
            Created("video_agent", "v1", "generating", "s1"),
        ),
        (
            {"video": {}, "output_languages": ["Spanish (Spain)"]},
            "POST /v3/video-translations",
            {"video_translation_ids": ["t1"]},
            Created("video_translate", "t1", "waiting"),
        ),
        ({"video": {}, "audio": {}}, "POST /v3/lipsyncs", {"lipsync_id": "l1"}, Created("lipsync", "l1", "waiting")),
    ],
)
async def test_each_kind_is_created_where_it_belongs(
    server: FakeHeyGen, heygen: HeyGen, request_: dict[str, Any], line: str, answer: dict[str, Any], made: Created
) -> None:
    server.answers_with({"data": answer})
    assert await heygen.create_video(request_, "key:1") == made
    assert (server.asked[0].line, server.asked[0].body) == (line, request_)
    assert server.asked[0].headers["Idempotency-Key"] == "key:1"


@pytest.mark.parametrize(
    "answer", [{}, {"data": None}, {"data": {"status": "waiting"}}, {"data": {"video_translation_ids": []}}]
)
async def test_an_answer_without_an_id_is_asked_again_with_the_same_key(
    server: FakeHeyGen, heygen: HeyGen, answer: dict[str, Any]
) -> None:
    server.answers_with(answer)
    with pytest.raises(HeyGenUnavailable, match="named none"):
        await heygen.create_video({"type": "avatar"}, "k")


async def test_not_enough_credit_is_said_in_plain_words(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(402, "insufficient_credit", "Insufficient credit")
    with pytest.raises(HeyGenRefused, match="refused to create the video: not enough credit") as caught:
        await heygen.create_video({"type": "avatar"}, "k")
    assert not caught.value.retryable
    assert caught.value.heygen_code == "insufficient_credit"


async def test_a_body_for_several_videos_never_reaches_heygen(server: FakeHeyGen, heygen: HeyGen) -> None:
    with pytest.raises(WrongInput):
        await heygen.create_video({"videos": []}, "k")
    assert server.asked == []


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "a\r\nX-Evil: 1", "ü"])
async def test_an_idempotency_key_heygen_cannot_take_is_not_sent(server: FakeHeyGen, heygen: HeyGen, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        await heygen.create_video({"type": "avatar"}, key)
    assert server.asked == []


# --- read -------------------------------------------------------------------------------------------------------------


async def test_a_completed_video_with_all_its_links(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": DETAIL})
    found = await heygen.get_video("avatar_video", "v_abc")
    assert found == RemoteVideo(
        "v_abc", "completed", "completed", "https://files.heygen.ai/v.mp4", "https://files.heygen.ai/t.jpg",
        "https://files.heygen.ai/g.gif", "https://files.heygen.ai/c.mp4", "https://files.heygen.ai/s.srt",
        "My Generated Video", 30_500,
    )  # fmt: skip
    assert found.assets == {
        "poster": found.thumbnail_url, "captions": found.subtitle_url, "gif": found.gif_url,
        "captioned": found.captioned_url,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("avatar_video", "GET /v3/videos/x"),
        ("video_translate", "GET /v3/video-translations/x"),
        ("hyperframes_video", "GET /v3/hyperframes/renders/x"),
        ("lipsync", "GET /v3/lipsyncs/x"),
    ],
)
async def test_each_kind_is_read_where_the_truth_is(server: FakeHeyGen, heygen: HeyGen, kind: str, line: str) -> None:
    server.answers_with({"data": {"id": "x", "status": "completed", "video_url": "https://h/v.mp4"}})
    assert (await heygen.get_video(kind, "x")).url == "https://h/v.mp4"
    assert server.asked[0].line == line


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (raw, "waiting")
        for raw in ("waiting", "pending", "processing", "running", "queued", "rendering", "new state", "")
    ]
    + [("completed", "completed"), ("failed", "failed"), ("cancelled", "failed")],
)
async def test_all_states_of_all_kinds_become_three(server: FakeHeyGen, heygen: HeyGen, raw: str, status: str) -> None:
    server.answers_with({"data": {"id": "x", "status": raw}})
    found = await heygen.get_video("avatar_video", "x")
    assert (found.status, found.raw_status) == (status, raw)


async def test_completed_without_a_link_stays_completed_without_a_link(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {"id": "x", "status": "completed", "video_url": None, "failure_message": "watermark"}})
    found = await heygen.get_video("avatar_video", "x")
    assert (found.status, found.url, found.failure_message, found.assets) == ("completed", None, None, {})


async def test_a_failure_keeps_its_code_and_message(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with(
        {"data": {"status": "failed", "failure_code": "rendering_failed", "failure_message": "Timed out"}}
    )
    found = await heygen.get_video("avatar_video", "x")
    assert (found.failure_code, found.failure_message) == ("rendering_failed", "Timed out")


async def test_captions_of_a_translation_prefer_what_browsers_play(server: FakeHeyGen, heygen: HeyGen) -> None:
    links = {"srt_caption_url": "https://h/a.srt", "vtt_caption_url": "https://h/a.vtt"}
    server.answers_with({"data": {"status": "completed", **links}})
    assert (await heygen.get_video("video_translate", "x")).subtitle_url == "https://h/a.vtt"


async def test_an_unknown_video_is_not_found_for_good(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(404, "video_not_found", "Video x not found", **{"X-Request-Id": "r"})
    with pytest.raises(VideoNotFound, match="Video x not found") as caught:
        await heygen.get_video("avatar_video", "x")
    assert (caught.value.status, caught.value.retryable, caught.value.heygen_code) == (404, False, "video_not_found")
    assert (caught.value.heygen_status, caught.value.request_id) == (404, "r")


async def test_a_video_of_another_account_is_refused(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(403, "resource_access_denied")
    with pytest.raises(HeyGenRefused) as caught:
        await heygen.get_video("avatar_video", "x")
    assert not isinstance(caught.value, VideoNotFound)


async def test_an_empty_answer_is_not_a_waiting_video(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {}})
    with pytest.raises(HeyGenUnavailable, match="empty"):
        await heygen.get_video("avatar_video", "x")


async def test_an_id_cannot_leave_its_place_in_the_path(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {"status": "pending"}})
    await heygen.get_video("avatar_video", "../webhooks?a=1#b/ü {x}")
    assert server.asked[0].line == "GET /v3/videos/..%2Fwebhooks%3Fa%3D1%23b%2F%C3%BC%20%7Bx%7D"


@pytest.mark.parametrize("heygen_id", ["", ".", ".."])
async def test_what_cannot_be_an_id_is_not_asked_for(server: FakeHeyGen, heygen: HeyGen, heygen_id: str) -> None:
    for kind in ("avatar_video", "video_agent", "ai_clipping"):
        with pytest.raises(VideoNotFound, match="is not an id"):
            await heygen.get_video(kind, heygen_id)
    assert server.asked == []


@pytest.mark.parametrize("kind", ["personalized_video", "nonsense"])
async def test_a_kind_nobody_can_read_says_so(server: FakeHeyGen, heygen: HeyGen, kind: str) -> None:
    with pytest.raises(VideoNotFound, match=f"no address to read a {kind}"):
        await heygen.get_video(kind, "x")
    assert server.asked == []


# --- many, and delete -------------------------------------------------------------------------------------------------


async def test_many_states_in_one_call(server: FakeHeyGen, heygen: HeyGen) -> None:
    rows = [
        {"video_id": "a", "status": "queued", "error": None},
        {"video_id": "b", "status": "failed", "error": {"code": "c", "message": "m"}},
        {"video_id": "c", "status": "not_found", "error": None},
        {"video_id": "d", "status": "completed", "error": {"code": "watermark"}},
        {"video_id": None, "status": "completed"},
    ]
    server.answers_with({"data": rows})
    assert await heygen.statuses(["a", "b", "c", "d"]) == {
        "a": RemoteStatus("waiting", "queued"),
        "b": RemoteStatus("failed", "failed", "c", "m"),
        "c": RemoteStatus("missing", "not_found"),
        "d": RemoteStatus("completed", "completed"),
    }
    assert server.asked[0].line == "GET /v3/videos/statuses?video_ids=a%2Cb%2Cc%2Cd"


async def test_states_of_other_kinds_are_asked_elsewhere(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": []})
    assert await heygen.statuses(["t"], "video_translate") == {}
    assert server.asked[0].line == "GET /v3/video-translations/statuses?video_translation_ids=t"


async def test_none_are_not_asked_for_and_too_many_are_refused(server: FakeHeyGen, heygen: HeyGen) -> None:
    assert await heygen.statuses([]) == {}
    with pytest.raises(ValueError, match="at most 100"):
        await heygen.statuses([str(number) for number in range(101)])
    with pytest.raises(ValueError, match="avatar_video, video_translate, lipsync only"):
        await heygen.statuses(["x"], "ai_clipping")
    assert server.asked == []


async def test_delete(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {"id": "v", "deleted": True}})
    await heygen.delete_video("avatar_video", "v")
    assert server.asked[0].line == "DELETE /v3/videos/v"
    server.refuses_with(404, "video_not_found")
    with pytest.raises(VideoNotFound):
        await heygen.delete_video("video_translate", "t")


async def test_a_clip_cannot_be_deleted_without_its_whole_job(server: FakeHeyGen, heygen: HeyGen) -> None:
    with pytest.raises(HeyGenRefused, match="no address to delete a ai_clipping"):
        await heygen.delete_video("ai_clipping", "job/a")
    assert server.asked == []
