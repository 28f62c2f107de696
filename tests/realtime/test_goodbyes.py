"""Why a stream ended: a reason for programs, words for people, and how to get in again."""

import dataclasses
from datetime import timedelta

import pytest

from reelhook.auth.principal import Principal, of_key, of_person, of_token
from reelhook.realtime import endpoint as endpoint_room
from reelhook.realtime import goodbyes
from reelhook.realtime.goodbyes import Reason
from tests.conftest import START

from .browser import watching
from .conftest import Scene

SOON = START + timedelta(seconds=0.2)
TOKEN = of_token("ada", None, SOON)
PERSON = of_person("p", "ada@example.com", "viewer", SOON)
KEY = dataclasses.replace(of_key("k", "backend", "viewer", None), expires_at=SOON)


@pytest.mark.parametrize(
    ("principal", "reason", "renew"),
    [
        (TOKEN, "token_expired", "/api/v1/stream-tokens"),
        (PERSON, "session_expired", "/api/v1/session"),
        (KEY, "key_expired", "/api/v1/keys"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
async def test_a_stream_that_ends_with_its_credential_says_which_and_how_to_renew_it(
    port: int, scene: Scene, principal: Principal, reason: str, renew: str
) -> None:
    scene.principal = principal
    async with watching(port) as browser:
        (frame,) = await browser.rest()
    assert (frame.event, frame.id) == ("bye", None)
    assert frame.data == {"reason": reason, "message": goodbyes.WORDS[Reason(reason)], "renew": renew}
    assert 60_000 <= (frame.retry or 0) < 70_000, "with the same credential it would be in vain"


async def test_a_credential_that_outlives_the_stream_is_not_blamed(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_room, "LIFETIME_S", 0.1)
    scene.principal = dataclasses.replace(TOKEN, expires_at=START + timedelta(hours=1))
    async with watching(port) as browser:
        (frame,) = await browser.rest()
    assert (frame.data["reason"], "renew" in frame.data) == ("lifetime", False)
    assert 500 <= (frame.retry or 0) < 3000


def test_every_reason_has_words() -> None:
    assert set(goodbyes.WORDS) == set(Reason)
