from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.heygen.answers import error_for, retry_after_s
from reelhook.heygen.errors import (
    HeyGenBusy,
    HeyGenError,
    HeyGenRefused,
    HeyGenUnauthorized,
    HeyGenUnavailable,
    RequestInProgress,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def error(status: int, code: str | None = None, message: str | None = None, **headers: str) -> HeyGenError:
    body = {"error": {"code": code, "message": message}} if code or message else {}
    return error_for(status, headers, body, "create the video", NOON)


@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable"),
    [
        (301, None, HeyGenRefused, False),
        (400, "invalid_parameter", HeyGenRefused, False),
        (401, "unauthorized", HeyGenUnauthorized, False),
        (402, "insufficient_credit", HeyGenRefused, False),
        (403, "resource_access_denied", HeyGenRefused, False),
        (404, "webhook_not_found", HeyGenRefused, False),
        (408, None, HeyGenUnavailable, True),
        (409, "conflict", HeyGenRefused, False),
        (409, "request_in_progress", RequestInProgress, True),
        (413, None, HeyGenRefused, False),
        (429, "rate_limit_exceeded", HeyGenBusy, True),
        (500, "internal_error", HeyGenUnavailable, True),
        (504, None, HeyGenUnavailable, True),
    ],
)
def test_each_answer_is_one_kind_of_error(status: int, code: str | None, kind: type, retryable: bool) -> None:
    found = error(status, code)
    assert type(found) is kind
    assert (found.retryable, found.heygen_status, found.heygen_code) == (retryable, status, code)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            error(402, "insufficient_credit", "Insufficient credit."),
            "HeyGen refused to create the video: not enough credit. Add credit to the HeyGen account.",
        ),
        (error(402), "HeyGen refused to create the video: not enough credit. Add credit to the HeyGen account."),
        (
            error(400, "avatar_not_found", "No such avatar"),
            "HeyGen refused to create the video: No such avatar [avatar_not_found]",
        ),
        (error(403), "HeyGen refused to create the video: it answered 403"),
        (error(401), "HeyGen does not accept the API key to create the video. Set REELHOOK_HEYGEN_API_KEY."),
        (error(503), "HeyGen could not create the video: it answered 503"),
        (error(500, "internal_error"), "HeyGen could not create the video: it answered 500, internal_error"),
        (error(429), "HeyGen is too busy to create the video: too many requests"),
        (
            error(307),
            "HeyGen answered 307 when asked to create the video, a redirect. Check REELHOOK_HEYGEN_BASE_URL.",
        ),
        (error(500, **{"X-Request-Id": "r1"}), "HeyGen could not create the video: it answered 500 (request r1)"),
    ],
)
def test_messages_say_what_happened_in_plain_words(found: HeyGenError, message: str) -> None:
    assert found.message == str(found) == message


def test_the_request_id_is_kept() -> None:
    assert error(500, **{"x-amzn-RequestId": "r2"}).request_id == "r2"
    assert error(500).request_id is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "c1", "message": "m1"}},
        {"errors": [{"code": "c1", "message": "m1", "path": "x"}, {"code": "c2"}]},
        {"code": "c1", "message": "m1"},
        {"error": None, "code": "c1", "msg": "m1"},
    ],
)
def test_all_forms_of_an_error_body_are_read(body: dict[str, object]) -> None:
    found = error_for(400, {}, body, "do it", NOON)
    assert found.heygen_code == "c1"
    assert "m1 [c1]" in found.message


def test_a_long_message_is_cut() -> None:
    assert len(error(400, "c", "x" * 5000).message) < 400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("86400", 3600.0),
        ("9" * 400, None),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:00 GMT", 3600.0),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date_is_at_most_an_hour(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOON) == seconds


def test_only_an_error_worth_retrying_carries_a_wait() -> None:
    assert error(429, **{"Retry-After": "7"}).retry_after_s == 7
    assert error(503, **{"Retry-After": "7"}).retry_after_s == 7
    assert error(402, **{"Retry-After": "7"}).retry_after_s is None


@given(st.text())
def test_no_retry_after_raises(value: str) -> None:
    found = retry_after_s(value, NOON)
    assert found is None or 0 <= found <= 3600
