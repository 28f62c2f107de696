import json
from typing import Any

import pytest

from reelhook.events import VideoSignal, parse, signals

URL = "https://resource2.heygen.ai/video/2541/1280x720.mp4?Expires=1&Signature=a~b"


def told(event_type: str, **data: Any) -> tuple[VideoSignal, ...]:
    return signals(parse(json.dumps({"event_type": event_type, "event_data": data}).encode()))


def test_a_real_delivery_of_an_avatar_video() -> None:
    found = told(
        "avatar_video.success",
        callback_id=None, callback_url=None, folder_id="", gif_download_url=None, url=URL, video_id="2541b1cb",
        video_share_page_url=None,
    )  # fmt: skip
    assert found == (VideoSignal("avatar_video", "2541b1cb", "success", url=URL),)


def test_the_documented_avatar_video_with_its_gif() -> None:
    (found,) = told(
        "avatar_video.success", video_id="v", url=URL, gif_download_url="https://resource.heygen.ai/v/gif.gif",
        title="Welcome", thumbnail_url="https://h/t.jpg", callback_id="c",
    )  # fmt: skip
    assert found.assets == {"gif": "https://resource.heygen.ai/v/gif.gif", "poster": "https://h/t.jpg"}
    assert (found.title, found.callback_id) == ("Welcome", "c")


@pytest.mark.parametrize("url", [None, "", "not a link", 7])
def test_a_success_without_a_link_stays_a_success_without_a_link(url: object) -> None:
    assert told("avatar_video.success", video_id="v", url=url) == (VideoSignal("avatar_video", "v", "success"),)


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ({"msg": "too long"}, None, "too long"),
        ({"message": "too long"}, None, "too long"),
        ({"error": "too long"}, None, "too long"),
        ({"error": {"code": 40119, "message": "too long"}}, "40119", "too long"),
        ({"error": {"detail": "too long"}, "error_code": "e"}, "e", "too long"),
        ({"failure_code": "f", "failure_message": "first", "msg": "second"}, "f", "first"),
        ({"failure_message": "", "msg": None, "error": []}, None, None),
    ],
)
def test_a_failure_under_all_its_names(data: dict[str, Any], code: str | None, message: str | None) -> None:
    assert told("avatar_video.fail", video_id="v", url=URL, **data) == (
        VideoSignal("avatar_video", "v", "fail", failure_code=code, failure_message=message),
    )


def test_a_success_carries_no_failure_even_if_its_message_field_says_ok() -> None:
    (found,) = told("video_translate.success", video_translate_id="t", url=URL, message="Success")
    assert found.failure_message is None


def test_gif_and_captions_only_add_assets() -> None:
    gif = {"video_id": "v", "url": URL, "gif_download_url": "https://h/a.gif"}
    assert told("avatar_video_gif.success", **gif) == (
        VideoSignal("avatar_video", "v", "assets", assets={"gif": "https://h/a.gif"}),
    )
    captions = {"video_id": "v", "subtitle_url": "https://h/a.srt", "captioned_video_url": "https://h/c.mp4"}
    assert told("avatar_video_caption.success", **captions) == (
        VideoSignal(
            "avatar_video", "v", "assets", assets={"captions": "https://h/a.srt", "captioned": "https://h/c.mp4"}
        ),
    )


@pytest.mark.parametrize("event_type", ["avatar_video_gif.fail", "avatar_video_caption.fail"])
def test_a_failed_gif_or_caption_does_not_fail_the_video(event_type: str) -> None:
    assert told(event_type, video_id="v", msg="no") == ()


def test_an_agents_video_carries_its_session_too() -> None:
    assert told("video_agent.success", session_id="s", video_id="v", video_url=URL) == (
        VideoSignal("video_agent", "v", "success", url=URL, session_id="s"),
    )
    (found,) = told("video_agent.fail", session_id="s", video_id=None)
    assert (found.heygen_video_id, found.session_id) == ("s", "s")


def test_a_personalised_video_is_a_success_without_a_suffix() -> None:
    (found,) = told("personalized_video", project_id="p", video_id="v", video_url=URL, gif_url="https://h/a.gif")
    assert (found.kind, found.heygen_video_id, found.outcome, found.url) == ("personalized_video", "v", "success", URL)


def test_each_finished_clip_of_a_job_is_a_video_of_its_own() -> None:
    clips = [
        {"id": "a", "status": "completed", "title": "A", "video_url": URL, "thumbnail_url": "https://h/a.jpg"},
        {"id": "b", "status": "failed", "failure_message": "dull"},
        {"id": "c", "status": "pending"},
        {"id": "", "status": "completed"},
        {"id": "d", "video_url": URL},
        "nonsense",
    ]
    assert told("ai_clipping.success", id="job", status="completed", callback_id="job's", clips=clips) == (
        VideoSignal("ai_clipping", "job/a", "success", url=URL, title="A", assets={"poster": "https://h/a.jpg"}),
        VideoSignal("ai_clipping", "job/b", "fail", failure_message="dull"),
        VideoSignal("ai_clipping", "job/d", "success", url=URL),
    )


def test_a_failed_job_fails_the_clips_that_are_not_done_for_its_own_reason() -> None:
    clips = [{"id": "a", "status": "completed", "video_url": URL}, {"id": "b", "status": "pending"}, {"id": "c"}]
    done, pending, silent = told("ai_clipping.fail", id="job", failure_message="no sound", clips=clips)
    assert (done.outcome, done.failure_message) == ("success", None)
    assert (pending.outcome, pending.failure_message) == ("fail", "no sound")
    assert (silent.outcome, silent.failure_message) == ("fail", "no sound")


def test_a_job_without_clips_or_without_an_id_moves_nothing() -> None:
    assert told("ai_clipping.fail", id="job", failure_message="no sound") == ()
    assert told("ai_clipping.success", clips=[{"id": "a", "status": "completed"}]) == ()


@pytest.mark.parametrize(
    "event_type",
    [
        "instant_avatar.success",
        "video_translate.preflight.download_failed",
        "batch.finished",
        "live_avatar.fail",
        "new.success",
    ],
)
def test_all_other_types_are_only_stored(event_type: str) -> None:
    assert told(event_type, video_id="v", id="i", url=URL) == ()


def test_an_event_without_an_id_can_still_be_matched_by_its_callback_id() -> None:
    assert told("avatar_video.success", callback_id="c", url=URL) == (
        VideoSignal("avatar_video", None, "success", callback_id="c", url=URL),
    )
