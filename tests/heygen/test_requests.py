import pytest

from reelhook.errors import WrongInput
from reelhook.heygen import creation_of


@pytest.mark.parametrize("kind", ["avatar", "image", "studio", "something_new"])
def test_a_body_with_a_type_is_a_video(kind: str) -> None:
    found = creation_of({"type": kind, "prompt": "p"})
    assert (found.kind, found.path, found.takes_callback, found.has_event) == ("avatar_video", "/v3/videos", True, True)


def test_a_cinematic_avatar_takes_no_callback() -> None:
    found = creation_of({"type": "cinematic_avatar", "prompt": "p", "avatar_id": ["a"]})
    assert (found.path, found.takes_callback) == ("/v3/videos", False)


def test_a_prompt_alone_is_for_the_agent() -> None:
    assert creation_of({"prompt": "p"}).path == "/v3/video-agents"


def test_a_translation_into_one_language_is_one_video() -> None:
    body = {"video": {}, "audio": {}, "output_languages": ["French (France)"]}
    assert creation_of(body).path == "/v3/video-translations"


@pytest.mark.parametrize("languages", [["French (France)", "Spanish (Spain)"], [], "French", None])
def test_a_translation_into_several_is_refused_before_it_costs_anything(languages: object) -> None:
    with pytest.raises(WrongInput, match="one video per language"):
        creation_of({"video": {}, "output_languages": languages})


def test_a_lipsync_has_no_event() -> None:
    found = creation_of({"video": {}, "audio": {}})
    assert (found.kind, found.path, found.has_event) == ("lipsync", "/v3/lipsyncs", False)


@pytest.mark.parametrize("body", [{}, {"video": {}}, {"videos": []}])
def test_a_body_that_is_no_request_for_one_video_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(WrongInput, match="`type`"):
        creation_of(body)
