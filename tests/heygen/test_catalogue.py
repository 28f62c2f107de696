"""Avatars, voices and the list of videos, read as leniently as everything else HeyGen says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from reelhook.heygen import Fault, HeyGen, HeyGenRefused, ListedVideo, Look, Voice, faults
from reelhook.heygen.catalogue import MOST_PAGES
from reelhook.heygen.request_rules import MOST_SCRIPT

from .conftest import FakeHeyGen

LOOK = {
    "id": "anna", "name": "Anna at her desk", "avatar_type": "digital_twin", "status": "completed",
    "gender": "female", "preferred_orientation": "landscape", "group_id": "g", "default_voice_id": "v",
    "preview_image_url": "https://files.heygen.ai/a.jpg", "tags": ["desk"],
}  # fmt: skip


async def test_looks_are_read_to_the_last_page(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": [LOOK, {"name": "no id"}, "no look"], "has_more": True, "next_token": "t/2"})
    server.answers_with({"data": [{"id": 7, "name": "", "status": None, "gender": ["odd"]}], "has_more": False})
    found = await heygen.looks("private")
    whole = Look("anna", "Anna at her desk", "digital_twin", "completed", "female", "landscape", "g", "v")
    assert found.entries == (whole, Look("7", "7", None, None, None, None, None, None))
    assert found.complete
    assert [asked.line for asked in server.asked] == [
        "GET /v3/avatars/looks?ownership=private&limit=100",
        "GET /v3/avatars/looks?ownership=private&limit=100&token=t%2F2",
    ]


async def test_a_list_without_an_end_is_cut_and_says_so(server: FakeHeyGen, heygen: HeyGen) -> None:
    for number in range(MOST_PAGES):
        server.answers_with({"data": [{"voice_id": f"v{number}"}], "has_more": True, "next_token": "again"})
    found = await heygen.voices()
    assert (len(found.entries), found.complete) == (MOST_PAGES, False)


async def test_a_voice_is_the_accounts_own_only_when_heygen_says_so(server: FakeHeyGen, heygen: HeyGen) -> None:
    rows: list[Any] = [
        {"voice_id": "a", "name": "Aria", "language": "English", "gender": "female", "type": "private"},
        {"voice_id": "b", "type": "public"},
        {"voice_id": "c", "name": None},
        {"voice_id": ""},
        None,
    ]
    server.answers_with({"data": rows})
    assert (await heygen.voices()).entries == (
        Voice("a", "Aria", "English", "female", own=True),
        Voice("b", "b", None, None, own=False),
        Voice("c", "c", None, None, own=False),
    )


async def test_a_page_of_videos_has_no_links_and_a_way_on(server: FakeHeyGen, heygen: HeyGen) -> None:
    rows = [
        {"id": "v1", "title": "One", "status": "completed", "created_at": 1774440000, "duration": 9.5,
         "video_url": "https://files.heygen.ai/v.mp4?Signature=s"},
        {"video_id": "v2", "status": "odd", "created_at": "yesterday"},
        {"title": "no id"},
    ]  # fmt: skip
    server.answers_with({"data": rows, "has_more": True, "next_token": "t2"})
    found = await heygen.list_videos("t1", title="O", limit=3)
    assert found.videos == (
        ListedVideo("v1", "One", "completed", datetime(2026, 3, 25, 12, tzinfo=UTC), 9.5),
        ListedVideo("v2", None, "waiting", None, None),
    )
    assert found.next_token == "t2"
    assert server.asked[0].line == "GET /v3/videos?title=O&limit=3&token=t1"


async def test_a_refusal_is_told_and_not_taken_for_an_empty_list(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(403, "forbidden", "Not for this plan.")
    with pytest.raises(HeyGenRefused, match="refused to list its avatars: Not for this plan"):
        await heygen.looks("public")


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        ({"type": "avatar", "avatar_id": "a", "script": "x" * MOST_SCRIPT}, []),
        ({"type": "avatar", "avatar_id": "a", "audio_url": "https://h/a.mp3"}, []),
        ({"type": "image", "image": {"type": "url"}, "script": "Hi."}, []),
        ({"type": "avatar", "script": "Hi."}, ["avatar_id"]),
        ({"type": "avatar", "avatar_id": " ", "script": "x" * (MOST_SCRIPT + 1)}, ["avatar_id", "script"]),
        ({"type": "image"}, ["image", "script"]),
        ({"type": "avatar", "avatar_id": "a", "script": " \n"}, ["script"]),
        ({"type": "avatar", "avatar_id": "a", "script": ["Hi."]}, ["script"]),
        ({"type": "avatar", "avatar_id": "a", "script": "Hi.", "audio_asset_id": "s"}, ["audio_asset_id"]),
        ({"type": "studio"}, []),
        ({"type": ["avatar"]}, []),
        ({"prompt": "p"}, []),
    ],
)
def test_what_is_known_to_be_refused_is_told_by_field(request_: dict[str, Any], fields: list[str]) -> None:
    assert [fault.field for fault in faults(request_)] == fields


def test_a_fault_says_how_much_too_long_a_script_is() -> None:
    request = {"type": "avatar", "avatar_id": "a", "script": "x" * 5001}
    assert list(faults(request)) == [Fault("script", "has 5001 characters; HeyGen takes at most 5000")]
