"""Videos that are read by way of something else: the session of an agent, the job of a clip."""

from typing import Any

import pytest

from reelhook.heygen import HeyGen, HeyGenRefused, HeyGenUnauthorized, RemoteVideo, VideoNotFound

from .conftest import FakeHeyGen

DETAIL = {"id": "v_abc", "status": "completed", "video_url": "https://files.heygen.ai/v.mp4"}


# --- a video agent ----------------------------------------------------------------------------------------------------


async def test_an_agents_video_is_read_by_its_own_id(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": DETAIL})
    assert (await heygen.get_video("video_agent", "v_abc")).status == "completed"
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 404])
async def test_a_session_leads_to_its_video(server: FakeHeyGen, heygen: HeyGen, status: int) -> None:
    server.refuses_with(status, "video_not_found")
    server.answers_with({"data": {"session_id": "s", "status": "completed", "video_id": "v_abc"}})
    server.answers_with({"data": DETAIL})
    found = await heygen.get_video("video_agent", "s")
    assert (found.heygen_video_id, found.url) == ("v_abc", "https://files.heygen.ai/v.mp4")
    assert [asked.line for asked in server.asked] == [
        "GET /v3/videos/s", "GET /v3/video-agents/s", "GET /v3/videos/v_abc",
    ]  # fmt: skip


@pytest.mark.parametrize("raw", ["thinking", "waiting_for_input", "reviewing", "generating"])
async def test_a_session_without_a_video_is_waiting(server: FakeHeyGen, heygen: HeyGen, raw: str) -> None:
    server.refuses_with(404, "video_not_found")
    server.answers_with({"data": {"session_id": "s", "status": raw, "video_id": None, "title": "T"}})
    found = await heygen.get_video("video_agent", "s")
    assert (found.heygen_video_id, found.status, found.raw_status, found.title) == ("s", "waiting", raw, "T")


async def test_a_failed_session_gives_the_last_error_of_its_conversation(server: FakeHeyGen, heygen: HeyGen) -> None:
    said = [
        {"type": "error", "content": "first"},
        {"type": "error", "content": "no credit"},
        {"type": "text", "content": "bye"},
    ]
    server.refuses_with(404, "video_not_found")
    server.answers_with({"data": {"session_id": "s", "status": "failed", "messages": said}})
    found = await heygen.get_video("video_agent", "s")
    assert (found.status, found.failure_message) == ("failed", "no credit")


async def test_a_session_nobody_knows_is_not_found_and_a_bad_key_is_no_missing_video(
    server: FakeHeyGen, heygen: HeyGen
) -> None:
    server.refuses_with(404, "video_not_found")
    server.refuses_with(404, "not_found")
    with pytest.raises(VideoNotFound):
        await heygen.get_video("video_agent", "s")
    server.refuses_with(401, "unauthorized")
    with pytest.raises(HeyGenUnauthorized):
        await heygen.get_video("video_agent", "s")
    server.refuses_with(403, "forbidden")
    with pytest.raises(HeyGenRefused, match="forbidden"):
        await heygen.get_video("video_agent", "s")


# --- clips ------------------------------------------------------------------------------------------------------------


async def clip(server: FakeHeyGen, heygen: HeyGen, job: dict[str, Any], heygen_id: str = "job/a") -> RemoteVideo:
    server.answers_with({"data": {"id": "job", **job}})
    found = await heygen.get_video("ai_clipping", heygen_id)
    assert server.asked[-1].line == "GET /v3/ai-clipping/job"
    return found


async def test_a_clip_is_found_in_its_job(server: FakeHeyGen, heygen: HeyGen) -> None:
    clips = [{"id": "b"}, {"id": "a", "status": "completed", "video_url": "https://h/a.mp4", "duration_seconds": 9}]
    found = await clip(server, heygen, {"status": "running", "clips": clips})
    assert (found.heygen_video_id, found.status, found.url, found.length_ms) == (
        "job/a",
        "completed",
        "https://h/a.mp4",
        9000,
    )


async def test_a_clip_fails_with_its_job_unless_it_is_done(server: FakeHeyGen, heygen: HeyGen) -> None:
    failed = {"status": "failed", "failure_message": "no sound"}
    found = await clip(server, heygen, {**failed, "clips": [{"id": "a", "status": "pending"}]})
    assert (found.status, found.failure_message) == ("failed", "no sound")
    found = await clip(
        server, heygen, {**failed, "clips": [{"id": "a", "status": "failed", "failure_message": "dull"}]}
    )
    assert (found.status, found.failure_message) == ("failed", "dull")
    found = await clip(server, heygen, {**failed, "clips": [{"id": "a", "status": "completed"}]})
    assert (found.status, found.failure_message) == ("completed", None)


async def test_a_clip_its_job_does_not_have_is_not_found(server: FakeHeyGen, heygen: HeyGen) -> None:
    with pytest.raises(VideoNotFound, match="job has no clip z"):
        await clip(server, heygen, {"status": "completed", "clips": [{"id": "a"}]}, "job/z")
