import base64
import gzip
import hashlib
import hmac
import json
import zlib
from urllib.parse import quote

import pytest

from reelhook.events import Secret, diagnose, sign
from reelhook.events.offers import Known
from tests.events.signed import BODY, HEX, LIVE, OLD, STAMPED, TAIL, WHOLE, b64, reason


def test_no_signature_at_all_speaks_of_unsigned_callbacks() -> None:
    found = diagnose(BODY, {"content-type": "application/json"}, [LIVE])
    assert found.reason == "no_signature"
    assert "callback" in found.detail


def test_a_header_heygen_never_sends_is_named() -> None:
    found = diagnose(BODY, {"X-HeyGen-Signature": sign(BODY, LIVE.value)}, [LIVE])
    assert (found.reason, found.header, found.secret_id) == ("wrong_header", "X-HeyGen-Signature", "live")
    assert "X-HeyGen-Signature" in found.detail
    assert "named signature" in found.detail
    found = diagnose(BODY, {"X-Signature": sign(BODY, "whsec_another")}, [LIVE])
    assert (found.reason, found.secret_id) == ("wrong_header", None)
    assert "no secret known here" in found.detail
    assert diagnose(BODY, {"x-design": "1"}, [LIVE]).reason == "no_signature"


def test_a_signature_that_is_no_digest_is_malformed_and_not_repeated() -> None:
    found = diagnose(BODY, {"signature": "to be or not to be here"}, [LIVE])
    assert found.reason == "malformed_signature"
    assert "23 characters" in found.detail
    assert "not to be" not in found.detail
    other = base64.b64encode(hmac.digest(b"another", BODY, "sha256")).decode()
    found = diagnose(BODY, {"signature": other}, [LIVE])
    assert found.reason == "malformed_signature"
    assert "in base64 that no secret known here made" in found.detail


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


@pytest.mark.parametrize(
    ("signed", "came"),
    [
        (BODY, BODY + b"\n"),
        (BODY + b"\n", BODY),
        (BODY + b"\r\n", BODY),
        (b"{\r\n}", b"{\n}"),
        (b"{\n}", b"{\r\n}"),
        (BODY, b"\xef\xbb\xbf" + BODY),
        (b"\xef\xbb\xbf" + BODY, BODY),
    ],
)
def test_whitespace_added_or_lost_is_recognised(signed: bytes, came: bytes) -> None:
    assert reason(came, sign(signed, LIVE.value)) == "body_whitespace"


def test_a_body_that_was_read_away_before_it_was_signed_is_recognised() -> None:
    assert reason(BODY, sign(b"", LIVE.value)) == "empty_body"


@pytest.mark.parametrize("packed", [gzip.compress(BODY, mtime=0), zlib.compress(BODY)], ids=["gzip", "zlib"])
def test_a_body_compressed_after_it_was_signed_is_recognised(packed: bytes) -> None:
    assert reason(packed, sign(BODY, LIVE.value)) == "compressed_body"
    assert reason(packed[:12], sign(BODY, LIVE.value)) == "wrong_secret"
    assert reason(b"\x78\x00no zlib", sign(BODY, LIVE.value)) == "wrong_secret"


@pytest.mark.parametrize(
    ("headers", "expected", "words"),
    [
        ({"signature": b64(WHOLE, BODY)}, "signature_format", "in base64"),
        ({"signature": b64(WHOLE, BODY).rstrip("=").replace("+", "-").replace("/", "_")}, "signature_format", "base64"),
        ({"Heygen-Signature": f"sha256={b64(WHOLE, BODY)}"}, "signature_format", "in base64"),
        ({"signature": f'"{HEX}"'}, "signature_format", "other text around it"),
        ({"signature": f"t=1700000000,v1={HEX}"}, "signature_format", "the way of Stripe"),
        ({"signature": f"v1,{b64(WHOLE, BODY)}"}, "signature_format", "the way of Standard Webhooks"),
        ({"signature": f"{'0' * 64}, {HEX}"}, "duplicated_signature", "joined by a comma"),
        ({"signature": f"t=1700000000,v1={STAMPED}"}, "timestamp_signed", "What was signed is time.body"),
        ({"signature": STAMPED, "heygen-timestamp": "1700000000"}, "timestamp_signed", "HeyGen signs the body alone"),
        (
            {"x-slack-signature": f"v0={sign(b'v0:1700000000:' + BODY, LIVE.value)}", "x-timestamp": "1700000000"},
            "timestamp_signed",
            "Sent x-slack-signature",
        ),
        (
            {
                "webhook-id": "msg_1",
                "webhook-timestamp": "1700000000",
                "webhook-signature": f"v1,{b64(base64.b64decode(TAIL), b'msg_1.1700000000.' + BODY)}",
            },
            "timestamp_signed",
            "the base64-decoded key",
        ),
        ({"signature": hmac.new(WHOLE, BODY, "sha512").hexdigest()}, "other_algorithm", "HMAC with SHA512"),
        ({"signature": f"sha1={hmac.new(WHOLE, BODY, 'sha1').hexdigest()}"}, "other_algorithm", "HMAC with SHA1"),
        ({"signature": hashlib.sha256(BODY).hexdigest()}, "not_an_hmac", "anybody can make it"),
        ({"signature": hashlib.sha256(WHOLE + BODY).hexdigest()}, "not_an_hmac", "secret live put together"),
        ({"x-hub-signature-256": f"sha256={sign(BODY, OLD.value)}"}, "wrong_header", "secret old, which is retired"),
        ({"signature": HEX[:-1] + "é"}, "malformed_signature", "64 characters"),
        ({"signature": "0" * 64, "content-length": str(len(BODY) + 7)}, "truncated_body", "Content-Length says"),
    ],
)
def test_other_ways_to_sign_are_recognised(headers: dict[str, str], expected: str, words: str) -> None:
    found = diagnose(BODY, headers, [LIVE], [OLD])
    assert (found.reason, words in found.detail) == (expected, True), found.detail
    assert found.header in headers
    assert not any(value in found.detail for value in headers.values() if len(value) > 20)


def test_all_faults_are_told_and_the_gravest_is_the_reason() -> None:
    value = b64(TAIL.encode(), b"1700000000." + BODY)
    found = diagnose(BODY, {"X-Signature": value, "X-Timestamp": "1700000000"}, [LIVE])
    assert found.reason == "timestamp_signed"
    for words in ("time.body", "the text after whsec_", "in base64", "Sent X-Signature"):
        assert words in found.detail


def test_a_body_that_breaks_off_is_recognised() -> None:
    assert reason(BODY[:-5], HEX) == "truncated_body"
    assert reason(b"[1, 2", HEX) == "truncated_body"
    assert reason(b"no JSON at all", HEX) == "wrong_secret"
    assert reason(b"[1] 2", HEX) == "truncated_body"


@pytest.mark.parametrize(
    ("headers", "query", "place"),
    [
        ({"signature": LIVE.value}, "", "The header signature"),
        ({"signature": TAIL}, "", "The header signature"),
        ({"signature": HEX, "Authorization": f"Bearer {LIVE.value}"}, "", "The header Authorization"),
        (
            {"authorization": "Basic " + base64.b64encode(f"heygen:{LIVE.value}".encode()).decode()},
            "",
            "The header authorization",
        ),
        ({}, f"a=1&token={LIVE.value}", "The query string"),
        ({}, f"token={quote(LIVE.value, safe='')}", "The query string"),
        ({"x-original-uri": f"/webhooks/heygen?key={quote(TAIL, safe='')}"}, "", "The header x-original-uri"),
    ],
)
def test_the_secret_itself_is_recognised_wherever_it_was_sent(headers: dict[str, str], query: str, place: str) -> None:
    found = diagnose(BODY, headers, [LIVE], [OLD], query)
    assert (found.reason, found.secret_id) == ("secret_sent", "live")
    assert found.detail.startswith(place)
    assert TAIL not in found.detail


def test_a_secret_that_is_not_ours_is_recognised_by_its_looks_alone() -> None:
    found = diagnose(BODY, {"x-api-key": "whsec_of_somebody_else"}, [LIVE])
    assert (found.reason, found.secret_id) == ("secret_sent", None)
    assert "somebody" not in found.detail


def test_secrets_are_masked_in_whatever_is_kept() -> None:
    plain = Secret("plain", "a-secret-without-prefix/+")
    known = Known([LIVE, plain, Secret("short", "abc")])
    text = f"?t={quote(plain.value, safe='')}&x=1 '{TAIL}' abc {plain.value}, whsec_unknown_but_clear"
    assert known.masked(text) == "***&x=1 '***' abc ***, ***"
    assert known.masked('{"title": "nothing to hide"}') == '{"title": "nothing to hide"}'


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
