"""The library: what it lets in, what it says of the rest, and how little it loads."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

import reelhook
from reelhook import HeyGenEvent, InvalidSignature, parse_event, verify_signature
from reelhook.events import sign

SECRET, OTHER = "whsec_ours", "whsec_of_another_endpoint"
BODY = (
    b'{"event_type": "avatar_video.success", "event_data": {"video_id": "v1", "url": "https://files.example/v1.mp4"}}'
)


def refused(body: bytes, headers: Mapping[str, str], secrets: Any = SECRET) -> InvalidSignature:
    with pytest.raises(InvalidSignature) as caught:
        verify_signature(body, headers, secrets)
    return caught.value


@pytest.mark.parametrize("name", ["signature", "Signature", "HEYGEN-SIGNATURE"])
@pytest.mark.parametrize("secrets", [SECRET, [OTHER, SECRET], (f" {SECRET}\n",)])
def test_what_one_of_the_secrets_signed_is_let_in(name: str, secrets: Any) -> None:
    verify_signature(BODY, {name: sign(BODY, SECRET)}, secrets)


def test_a_body_that_was_changed_is_refused() -> None:
    assert "No known secret" in str(refused(BODY + b" ", {"signature": sign(BODY, SECRET)}))


def test_what_another_secret_signed_is_refused() -> None:
    error = refused(BODY, {"signature": sign(BODY, OTHER)})
    assert error.explain().reason == "wrong_secret"


def test_without_a_signature_it_says_so() -> None:
    error = refused(BODY, {"content-type": "application/json"})
    assert str(error) == "There is no signature by HeyGen."
    assert error.explain().reason == "no_signature"


def test_it_explains_the_usual_mistake() -> None:
    rewritten = json.dumps(json.loads(BODY), indent=2).encode()
    told = refused(rewritten, {"signature": sign(json.dumps(json.loads(BODY)).encode(), SECRET)}).explain()
    assert told.reason == "reserialised_json"
    assert SECRET not in told.detail


@pytest.mark.parametrize("secrets", ["", " ", [], [SECRET, ""]])
def test_a_forgotten_secret_lets_nobody_in(secrets: Any) -> None:
    with pytest.raises(ValueError, match="secret"):
        verify_signature(BODY, {"signature": sign(BODY, "")}, secrets)


def test_an_event_says_what_it_means_for_videos() -> None:
    event = parse_event(BODY)
    assert (event.type, event.resource_id, event.data["video_id"]) == ("avatar_video.success", "v1", "v1")
    (video,) = event.videos
    assert (video.heygen_video_id, video.outcome, video.url) == ("v1", "success", "https://files.example/v1.mp4")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"null", b'{"event_type": 7}', b'{"event_type": "brand.new"}'])
def test_whatever_arrives_becomes_an_event(body: bytes) -> None:
    assert parse_event(body).videos == ()


def test_the_key_is_the_events_own_id_or_else_its_bytes() -> None:
    named = b'{"event_id": "e1", "event_type": "batch.finished"}'
    assert parse_event(named).key == parse_event(named + b" ").key == "id:e1"
    assert parse_event(BODY).key == parse_event(bytes(BODY)).key
    assert parse_event(BODY).key != parse_event(BODY + b" ").key


def test_the_library_needs_nothing_but_python_and_orjson() -> None:
    code = (
        "import sys; before = set(sys.modules); from reelhook import verify_signature, parse_event; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) == {"reelhook", "orjson"}


def test_the_package_itself_loads_nothing_of_the_library() -> None:
    code = "import sys, reelhook; print(*(name for name in sys.modules if name.startswith('reelhook')))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["reelhook"]


def test_everything_that_is_offered_is_there_and_nothing_else() -> None:
    offered = {name: getattr(reelhook, name) for name in reelhook.__all__}
    assert offered["HeyGenEvent"] is HeyGenEvent
    with pytest.raises(AttributeError, match="no attribute 'verify'"):
        _ = reelhook.verify
