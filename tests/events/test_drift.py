"""What is new or missing in an event, told from what is known of its type; and what is known is what is documented."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelhook.events import EVENT_TYPES, differences, parse
from reelhook.events.drift import MOST_NAME, MOST_OF_ONE
from reelhook.events.expected import FAMILIES
from tests.conftest import examples

from .test_shapes import VALUES

AVATAR = {"video_id": "hv1", "url": "https://files.heygen.example/1.mp4"}
DOCUMENTED: list[tuple[str, dict[str, Any]]] = [
    ("avatar_video.success", AVATAR | {"gif_download_url": "u", "video_page_url": "u", "video_share_page_url": "u"}),
    ("avatar_video.success", AVATAR | {"callback_id": None, "callback_url": None, "folder_id": ""}),
    ("avatar_video.fail", {"video_id": "hv1", "msg": "no credit", "callback_id": None}),
    ("avatar_video.fail", {"video_id": "hv1", "error": {"code": "x", "message": "no credit"}}),
    ("avatar_video_caption.success", {"video_id": "hv1", "caption_url": "u", "callback_id": "c"}),
    ("video_translate.success", {"video_translate_id": "t", "url": "u", "callback_id": "c", "output_language": "es"}),
    ("video_translate.fail", {"id": "t", "message": "m", "callback_id": "c", "output_language": "es"}),
    ("video_agent.success", {"session_id": "s", "callback_id": "c"}),
    ("personalized_video", {"project_id": "p", "video_id": "v", "video_url": "u", "contact_info": {"any": "thing"}}),
    ("hyperframes_video.fail", {"render_id": "hfr_1", "failure_message": "m"}),
    ("ai_clipping.success", {"id": "j", "clips": [{"id": "c", "status": "completed", "virality_score": 7}]}),
    ("photo_avatar_train.success", {"nobody": "knows"}),
]


def told(name: object, data: object, **envelope: Any) -> list[tuple[str, str]]:
    body = json.dumps({"event_type": name, "event_data": data, **envelope}).encode()
    return [tuple(one) for one in differences(parse(body))]


@pytest.mark.parametrize(("name", "data"), DOCUMENTED)
def test_what_is_documented_or_was_seen_is_as_expected(name: str, data: dict[str, Any]) -> None:
    assert told(name, data) == []
    assert told(name, data, event_id="evt_1", created_at="2026-03-25T12:05:00Z", callback_id="c") == []


@pytest.mark.parametrize(
    ("name", "data", "envelope", "found"),
    [
        ("avatar_video.success", AVATAR | {"size": 1}, {}, [("new_field", "event_data.size")]),
        ("avatar_video.success", AVATAR, {"workspace": "w"}, [("new_field", "workspace")]),
        ("avatar_video.success", {"video_id": "hv1", "url": ""}, {}, [("missing_field", "event_data.url")]),
        (
            "avatar_video.success",
            None,
            {},
            [("missing_field", "event_data.url"), ("missing_field", "event_data.video_id")],
        ),
        (
            "avatar_video.fail",
            {"video_id": "hv1"},
            {},
            [("missing_field", "event_data.msg or message or failure_message or error or failure_code")],
        ),
        (
            "ai_clipping.success",
            {"id": "j", "clips": [{"id": "c", "mood": 1}, {"mood": 2}]},
            {},
            [("new_field", "event_data.clips[].mood")],
        ),
        ("instant_avatar.success", {"anything": 1}, {"workspace": 1}, [("new_field", "workspace")]),
        ("video.completed", {"anything": 1}, {"workspace": 1}, [("new_type", "")]),
        (None, {}, {}, [("missing_field", "event_type")]),
    ],
)
def test_what_is_new_or_missing_is_named(
    name: object, data: object, envelope: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert told(name, data, **envelope) == found


def test_what_is_no_json_object_names_no_type() -> None:
    assert [tuple(one) for one in differences(parse(b"[]"))] == [("missing_field", "event_type")]


def test_names_are_bounded_and_storable() -> None:
    found = told("avatar_video.success", AVATAR | {f"f{n:03}" + "x" * 200: 1 for n in range(100)})
    assert len(found) == MOST_OF_ONE
    assert {len(field) for _, field in found} == {MOST_NAME}
    assert told("avatar_video.success", AVATAR | {"a\x00b": 1}) == [("new_field", "event_data.ab")]


@settings(max_examples=examples(100), deadline=None)
@given(name=st.sampled_from([*EVENT_TYPES, "new.type"]), data=VALUES, extra=VALUES)
def test_nothing_that_can_be_parsed_makes_it_fail(name: str, data: object, extra: object) -> None:
    for one in told(name, data, extra=extra):
        assert len(one[1]) <= MOST_NAME


def test_every_family_described_is_one_there_is() -> None:
    assert set(FAMILIES) <= {known.family.name for known in EVENT_TYPES.values()}
