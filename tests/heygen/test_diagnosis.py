import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.heygen import Secret, diagnose, sign

TAIL = base64.b64encode(b"a key of 24 bytes, really").decode()
LIVE = Secret("live", f"whsec_{TAIL}")
OLD = Secret("old", "whsec_old")
BODY = '{"event_type": "avatar_video.success", "event_data": {"title": "Grüße", "b": 1, "a": 2.5}}'.encode()


def reason(
    body: bytes, signature: str, live: tuple[Secret, ...] = (LIVE,), retired: tuple[Secret, ...] = (OLD,)
) -> str:
    found = diagnose(body, {"signature": signature}, live, retired)
    for secret in (*live, *retired):
        assert secret.value not in found.detail
    assert signature not in found.detail
    return found.reason


def test_no_signature_at_all_speaks_of_unsigned_callbacks() -> None:
    found = diagnose(BODY, {"content-type": "application/json"}, [LIVE])
    assert found.reason == "no_signature"
    assert "callback" in found.detail


def test_a_header_heygen_never_sends_is_named() -> None:
    found = diagnose(BODY, {"X-HeyGen-Signature": sign(BODY, LIVE.value)}, [LIVE])
    assert found.reason == "no_signature"
    assert "X-HeyGen-Signature" in found.detail
    assert "named signature" in found.detail


def test_a_signature_that_is_no_digest_is_malformed_and_not_repeated() -> None:
    found = diagnose(BODY, {"signature": "whsec_the_secret_itself"}, [LIVE])
    assert found.reason == "malformed_signature"
    assert "23 characters" in found.detail
    assert "whsec" not in found.detail


def test_a_retired_secret_is_recognised_and_named() -> None:
    found = diagnose(BODY, {"signature": sign(BODY, OLD.value)}, [LIVE], [OLD])
    assert found.reason == "retired_secret"
    assert "secret old" in found.detail


@pytest.mark.parametrize("secret", [LIVE, OLD])
@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ({"separators": (",", ":"), "ensure_ascii": False}, "compact JSON:"),
        ({"separators": (",", ":")}, "compact JSON, non-ASCII escaped"),
        ({"sort_keys": True}, "spaced JSON, keys sorted, non-ASCII escaped"),
        ({"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}, "compact JSON, keys sorted:"),
    ],
)
def test_a_signature_over_rewritten_json_is_recognised(secret: Secret, layout: dict[str, object], words: str) -> None:
    rewritten = json.dumps(json.loads(BODY), **layout).encode()  # type: ignore[arg-type]
    found = diagnose(BODY, {"signature": sign(rewritten, secret.value)}, [LIVE], [OLD])
    assert found.reason == "reserialised_json"
    assert words in found.detail


def test_a_newline_added_to_the_body_is_recognised() -> None:
    assert reason(BODY + b"\n", sign(BODY, LIVE.value)) == "reserialised_json"


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


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (TAIL.encode(), "the text after whsec_"),
        (base64.b64decode(TAIL), "base64-decoded"),
        (f"whsec_{TAIL}\n".encode(), "newline"),
        (f'"whsec_{TAIL}"'.encode(), "quotation marks"),
    ],
)
def test_a_wrong_use_of_the_right_secret_is_named(key: bytes, words: str) -> None:
    found = diagnose(BODY, {"signature": hmac.new(key, BODY, hashlib.sha256).hexdigest()}, [LIVE])
    assert found.reason == "secret_variant"
    assert words in found.detail
    assert "secret live" in found.detail


def test_a_secret_written_down_without_its_prefix_is_recognised() -> None:
    assert reason(BODY, sign(BODY, "whsec_bare"), live=(Secret("x", "bare"),)) == "secret_variant"


def test_anything_else_is_a_wrong_secret_even_when_the_secret_is_no_base64() -> None:
    assert reason(BODY, "0" * 64) == "wrong_secret"
    assert reason(BODY, "0" * 64, live=(LIVE, Secret("odd", "whsec_é"))) == "wrong_secret"
    assert "the secret known" in diagnose(BODY, {"signature": "0" * 64}, [LIVE]).detail
    assert "the 2 secrets known" in diagnose(BODY, {"signature": "0" * 64}, [LIVE, OLD]).detail


def test_without_any_secret_the_setting_is_named() -> None:
    found = diagnose(BODY, {"signature": "0" * 64}, [])
    assert found.reason == "wrong_secret"
    assert "REELHOOK_HEYGEN_WEBHOOK_SECRETS" in found.detail


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[" * 60_000, b"[" * 200 + b"]" * 200, b'{"a": "\\ud800"}', b"1" * 5000]
)
def test_no_body_makes_it_fail(body: bytes) -> None:
    assert reason(body, "0" * 64) == "wrong_secret"


def test_only_so_many_secrets_are_tried() -> None:
    many = tuple(Secret(str(number), f"whsec_{number}") for number in range(20))
    compact = json.dumps(json.loads(BODY)).encode()
    assert reason(BODY, sign(compact, "whsec_15"), live=many) == "reserialised_json"
    assert reason(BODY, sign(compact, "whsec_16"), live=many) == "wrong_secret"


@given(st.binary(), st.dictionaries(st.sampled_from(["signature", "heygen-signature", "x-signature"]), st.text()))
def test_nothing_raises(body: bytes, headers: dict[str, str]) -> None:
    assert diagnose(body, headers, [LIVE], [OLD]).reason
