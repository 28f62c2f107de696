"""What HeyGen's answers and its history say is said again as an event, and read like any other."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from reelhook.events import parse, signals
from reelhook.heygen import PastEvent, RemoteStatus, RemoteVideo, of_answer, of_past

MARCH = datetime(2026, 3, 25, 12, tzinfo=UTC)


def test_a_past_event_keeps_its_id_and_its_time() -> None:
    past = PastEvent("ev", "avatar_video.success", {"video_id": "v", "url": "https://h/v.mp4"}, MARCH)
    event = parse(of_past(past))
    assert (event.type, event.resource_id, event.event_id) == ("avatar_video.success", "v", "ev")
    assert orjson.loads(of_past(past))["created_at"] == "2026-03-25T12:00:00Z"
    (signal,) = signals(event)
    assert signal.url == "https://h/v.mp4"


def test_a_past_event_without_id_and_time_names_neither() -> None:
    body = orjson.loads(of_past(PastEvent(None, "batch.finished", {}, None)))
    assert body == {"event_type": "batch.finished", "event_data": {}}


@pytest.mark.parametrize("kind", ["avatar_video", "video_agent", "video_translate", "hyperframes_video"])
def test_an_answer_is_told_as_the_event_of_its_kind(kind: str) -> None:
    done = of_answer(kind, "hg-1", RemoteStatus("completed", "completed"), "ours")
    failed = of_answer(kind, "hg-1", RemoteStatus("failed", "failed", "no_credit", "not enough credit"), "ours")
    assert done is not None
    assert failed is not None
    (success,), (failure,) = signals(parse(done)), signals(parse(failed))
    assert (success.kind, success.outcome, success.heygen_video_id) == (kind, "success", "hg-1")
    assert (success.callback_id, success.url, success.assets) == ("ours", None, {})
    assert (failure.kind, failure.outcome, failure.heygen_video_id) == (kind, "fail", "hg-1")
    assert (failure.failure_code, failure.failure_message) == ("no_credit", "not enough credit")


def test_an_agents_video_is_named_beside_its_session() -> None:
    body = of_answer("video_agent", "session-1", RemoteVideo("hg-1", "completed", "completed"), "ours")
    assert body is not None
    (signal,) = signals(parse(body))
    assert (signal.heygen_video_id, signal.session_id) == ("hg-1", "session-1")


@pytest.mark.parametrize("kind", ["ai_clipping", "lipsync", "personalized_video"])
def test_of_some_kinds_no_event_tells(kind: str) -> None:
    answer: Any = RemoteVideo("hg-1", "completed", "completed")
    assert of_answer(kind, "hg-1", answer, "ours") is None
