"""Whatever was sent, the diagnosis comes to an end soon, and never fails."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelhook.events import Secret, diagnose, diagnosis, sign
from reelhook.events.diagnosis import MOST_BODY, MOST_HASHED, REASONS
from tests.events.signed import BODY, HEX, LIVE, OLD, TAIL, WHOLE, b64, reason


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < MOST_BODY
    assert reason(bomb, sign(b"0" * 50_000_000, LIVE.value)) == "wrong_secret"


def test_the_work_is_bounded_however_many_secrets_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    monkeypatch.setattr(diagnosis, "keyed", lambda content, key: hashed.append(len(content)) or "f" * 64)
    many = [Secret(str(number), f"whsec_{number}") for number in range(40)]
    for size in (64 * 1024, 1024 * 1024):
        hashed.clear()
        assert diagnose(b"x" * size, {"signature": "0" * 64}, many).reason == "wrong_secret"
        assert 0 < sum(hashed) <= MOST_HASHED


def test_a_body_too_large_to_rewrite_is_not_tried() -> None:
    fits = b'{"a": "' + b"x" * (64 * 1024 - 9) + b'"}'
    assert len(fits) == 64 * 1024
    for body, expected in ((fits, "reserialised_json"), (fits + b" ", "wrong_secret")):
        compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
        assert reason(body, sign(compact, LIVE.value)) == expected


def test_a_body_that_nests_deeper_than_any_event_is_not_rewritten() -> None:
    for depth, expected in ((100, "reserialised_json"), (101, "wrong_secret")):
        compact = b"[" * depth + b"]" * depth
        assert reason(compact[:depth] + b" " + compact[depth:], sign(compact, LIVE.value)) == expected


def test_only_so_many_secrets_are_tried() -> None:
    many = tuple(Secret(str(number), f"whsec_{number}") for number in range(20))
    compact = json.dumps(json.loads(BODY)).encode()
    assert reason(BODY, sign(compact, "whsec_15"), live=many) == "reserialised_json"
    assert reason(BODY, sign(compact, "whsec_16"), live=many) == "wrong_secret"


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[" * 60_000, b"[" * 200 + b"]" * 200, b'{"a": "\\ud800"}', b"1" * 5000]
)
def test_no_body_makes_it_fail(body: bytes) -> None:
    assert reason(body, "0" * 64) in ("wrong_secret", "truncated_body")


NAMES = st.sampled_from(["signature", "Heygen-Signature", "x-signature", "authorization", "timestamp", "webhook-id"])


WORDS = st.sampled_from(
    ["v1,", "t=1700000000", "v1=", "Basic ", ", ", " ", HEX, TAIL, b64(WHOLE, BODY), '"', "whsec_", "%"]
)


VALUES = st.text(max_size=20) | st.lists(WORDS, max_size=6).map("".join)


@settings(max_examples=60)
@given(st.binary(), st.dictionaries(NAMES, VALUES, max_size=4), VALUES)
def test_nothing_raises(body: bytes, headers: dict[str, str], query: str) -> None:
    assert diagnose(body, headers, [LIVE], [OLD], query).reason in REASONS
