import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.events import EVENT_TYPES, UNKNOWN, UNPARSEABLE, Event, header_event_id, header_timestamp, parse, signals

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
FIELDS = st.sampled_from(
    [
        "video_id",
        "url",
        "callback_id",
        "msg",
        "message",
        "error",
        "code",
        "clips",
        "id",
        "status",
        "title",
        "session_id",
        "gif_url",
        "render_id",
    ]
)
DATA = st.dictionaries(FIELDS, VALUES | st.dictionaries(FIELDS, VALUES) | st.lists(st.dictionaries(FIELDS, VALUES)))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(one)


def event(event_type: str, **data: Any) -> Event:
    return parse(json.dumps({"event_type": event_type, "event_data": data}).encode())


def test_the_documented_v3_envelope() -> None:
    body = (
        b'{"event_id":"evt_abc123","event_type":"avatar_video.success",'
        b'"event_data":{"video_id":"vid_xyz789","callback_id":"c1"},"created_at":"2026-03-25T12:05:00Z"}'
    )
    data = {"video_id": "vid_xyz789", "callback_id": "c1"}
    assert parse(body) == Event("avatar_video.success", "vid_xyz789", "evt_abc123", "c1", data)


def test_the_v1_envelope_has_no_event_id() -> None:
    assert parse(b'{"event_type":"avatar_video.fail","event_data":{"video_id":"v","callback_id":null}}') == Event(
        "avatar_video.fail", "v", None, None, {"video_id": "v", "callback_id": None}
    )


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"7", b"{", b"\xff\xfe", b"{" * 9, b'{"a":' * 5000])
def test_what_is_no_json_object_is_unparseable(body: bytes) -> None:
    assert parse(body) == Event(UNPARSEABLE)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"event_type": null}', b'{"event_type": {}}', b'{"event": "avatar_video.success"}']
)
def test_an_object_that_names_no_event_is_unknown(body: bytes) -> None:
    assert parse(body).type == UNKNOWN


def test_a_new_event_type_keeps_its_name_and_a_likely_id() -> None:
    found = event("hologram.success", hologram="h", video_id="", session_id="s")
    assert (found.type, found.resource_id) == ("hologram.success", "s")
    assert len(event("x" * 1000).type) == 200


@pytest.mark.parametrize("data", ["null", "[]", '"x"', "1"])
def test_event_data_that_is_no_object_is_empty(data: str) -> None:
    assert parse(f'{{"event_type":"avatar_video.fail","event_data":{data}}}'.encode()).data == {}


@pytest.mark.parametrize(
    ("event_type", "key"),
    [
        ("avatar_video.success", "video_id"),
        ("avatar_video_gif.fail", "video_id"),
        ("video_agent.success", "session_id"),
        ("video_translate.success", "video_translate_id"),
        ("video_translate.success", "video_translation_id"),
        ("video_translate.fail", "id"),
        ("video_translate.preflight.download_failed", "video_translation_id"),
        ("hyperframes_video.success", "render_id"),
        ("ai_clipping.success", "id"),
        ("personalized_video", "video_id"),
        ("batch.finished", "batch_id"),
        ("proofread_creation.success", "proofread_id"),
        ("photo_avatar_train.success", "avatar_id"),
    ],
)
def test_the_id_of_each_family(event_type: str, key: str) -> None:
    assert event(event_type, **{key: "the id", "folder_id": "f"}).resource_id == "the id"


def test_an_agents_video_is_known_by_its_video_before_its_session() -> None:
    assert event("video_agent.success", session_id="s", video_id="v").resource_id == "v"
    assert event("video_agent.success", session_id="s", video_id="").resource_id == "s"


def test_callback_id_in_the_data_or_at_the_top_and_empty_is_none() -> None:
    top = b'{"event_type":"video_agent.fail","callback_id":"top","event_data":{"callback_id":""}}'
    assert parse(top).callback_id == "top"
    assert parse(top.replace(b'"callback_id":""', b'"callback_id":"in"')).callback_id == "in"
    assert event("avatar_video.fail", callback_id="").callback_id is None


def test_text_is_freed_of_what_no_database_takes() -> None:
    found = parse(
        b'{"event_type":"avatar\\u0000_video.fail","event_data":{"video_id":"v\\u0000\\ud800","m":"\\u0000"}}'
    )
    assert found == Event("avatar_video.fail", "v", data={"video_id": "v", "m": ""})


def test_two_events_with_long_ids_are_not_taken_for_one() -> None:
    body = json.dumps({"event_type": "avatar_video.fail", "event_id": "e" * 600}).encode()
    assert parse(body).event_id is None


def test_the_event_id_of_the_header() -> None:
    assert header_event_id({"Heygen-Event-Id": " evt_1 "}) == "evt_1"
    assert header_event_id({"heygen-event-id": ""}) is None
    assert header_event_id({}) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1774440300", 1774440300), (" 7 ", 7), ("", None), ("-1", None), ("²", None), ("9" * 13, None)],
)
def test_the_timestamp_of_the_header(value: str, seconds: int | None) -> None:
    assert header_timestamp({"Heygen-Timestamp": value}) == seconds


def test_no_timestamp_header() -> None:
    assert header_timestamp({"x": "1"}) is None


@given(st.binary())
def test_no_bytes_make_it_raise(body: bytes) -> None:
    assert signals(parse(body)) == ()


@given(st.sampled_from([*EVENT_TYPES, "new.thing"]) | VALUES, DATA | VALUES, VALUES)
def test_no_json_makes_it_raise_and_all_of_it_can_be_stored(event_type: Any, data: Any, extra: Any) -> None:
    body = json.dumps({"event_type": event_type, "event_data": data, "event_id": extra, "callback_id": extra}).encode()
    found = parse(body)
    told = signals(found)
    everything = [vars(found), [{**vars(one), "assets": dict(one.assets)} for one in told]]
    assert orjson.dumps(everything)  # takes neither lone surrogates nor deep nesting nor huge numbers
    assert not any("\x00" in one for one in texts(everything))
    for name in (found.resource_id, found.event_id, found.callback_id, *(one.heygen_video_id for one in told)):
        assert name is None or 0 < len(name) <= 1025
