"""The examples of the API's reference: each is asked again of a real service, and answered in the same shape."""

import json
from pathlib import Path
from typing import Any

import pytest
from scripts.reference.api_page import document

from reelhook.openapi import EXAMPLES
from tests.docs import story

# What has no example, and why.
WITHOUT = {
    "GET /api/v1/session/oidc/start": "a browser is sent on from there, to a provider",
    "GET /api/v1/session/oidc/callback": "a browser is sent there, by a provider",
    "GET /api/v1/stream": "it does not end; docs/streams.md shows what comes",
    "POST /api/v1/chat-destinations/{chat_id}/messages/{message_id}/again": "a message must have failed",
    "POST /api/v1/me/notifications/{notification_id}/deliveries/{channel}/again": "a letter must have failed",
    "POST /unsubscribe/{token}": "its token is in a letter",
    "POST /webhooks/heygen/callback/{token}": "its token is in what HeyGen is asked",
}
KEPT = json.loads(EXAMPLES.read_text())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return story.told(tmp_path_factory.mktemp("story"))


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two examples have another shape. Null, and a list of nothing, may be anything."""
    if one in (None, []) or other in (None, []):
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        strange = [f"{at}.{name}" for name in one.keys() ^ other.keys()]
        both = one.keys() & other.keys()
        return strange + [found for name in both for found in differences(one[name], other[name], f"{at}.{name}")]
    if isinstance(one, list) and isinstance(other, list):
        return differences(one[0], other[0], f"{at}[]")
    return [] if _kind(one) == _kind(other) else [at]


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_every_example_is_answered_as_it_is_shown(told: dict[str, Any]) -> None:
    assert told.keys() == KEPT.keys(), "run python -m tests.docs.story, and make reference"
    strange = [found for name, example in KEPT.items() for found in differences(example, told[name], name)]
    assert strange == [], "run python -m tests.docs.story, and make reference"
    assert {name: one["status"] for name, one in told.items()} == {name: one["status"] for name, one in KEPT.items()}


async def test_every_operation_has_an_example_or_a_reason() -> None:
    paths = (await document())["paths"]
    operations = {f"{method.upper()} {path}" for path, found in paths.items() for method in found}
    assert operations - KEPT.keys() == WITHOUT.keys()
    assert KEPT.keys() <= operations


async def test_the_document_shows_them() -> None:
    operation = (await document())["paths"]["/api/v1/keys"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"]["name"] == "my-app"
    assert operation["responses"]["201"]["content"]["application/json"]["example"]["role"] == "operator"


def test_nothing_of_this_machine_and_no_secret_is_shown() -> None:
    text = EXAMPLES.read_text()
    assert [word for word in ("127.0.0.1", "localhost", "/tmp", str(Path.home()), '"rhk_b') if word in text] == []
    assert KEPT["POST /api/v1/keys"]["answer"]["key"] == "…"


def test_another_shape_is_seen() -> None:
    assert differences({"a": 1, "b": [{"c": "x"}]}, {"a": 2.5, "b": []}) == []
    assert differences({"a": 1}, {"a": "1"}) == [".a"]
    assert sorted(differences({"b": [{"c": 1}]}, {"b": [{"d": 1}]})) == [".b[].c", ".b[].d"]
