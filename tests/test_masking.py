"""Nothing secret comes out, wherever it stood; what is no secret stays readable."""

import io
import json
import logging
import string
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from reelhook import logs, masking
from reelhook.masking import mask, never_show, scrub
from tests.conftest import examples

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzM2NyZXQifQ.c2lnbmF0dXJl-_0"


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_held", masking._Held())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"opened with {JWT} now", "opened with eyJ*** now"),
        ("GET /media/a1?expires=99&signature=s3cret&x=1", "GET /media/a1?expires=99&signature=***&x=1"),
        ("smtp://ops:s3cret@mail.example.com:587", "smtp://ops:***@mail.example.com:587"),
        ("https://0123456789abcdef0123@o1.ingest.sentry.io/42", "https://***@o1.ingest.sentry.io/42"),
        ("https://hooks.slack.com/services/T00/B00/s3cret", "https://hooks.slack.com/services/***"),
        ("https://discord.com/api/webhooks/123/s3-cret_", "https://discord.com/api/webhooks/***"),
        ("https://api.telegram.org/bot12:s3cret/sendMessage", "https://api.telegram.org/bot***/sendMessage"),
        ("tgram://12:s3cret/chat", "tgram://***"),
        ("Authorization: Basic dXNlcjpzM2NyZXQ=", "Authorization: Basic ***"),
        ("Cookie: a=1; reelhook=s3cret\nHost: x", "Cookie: ***\nHost: x"),
        ("__Host-reelhook=0123456789abcdef; Path=/", "__Host-reelhook=***; Path=/"),
        ("X-Api-Key: s3cret", "X-Api-Key: ***"),
        ("webhook-signature: v1,s3cret v1,s3cret", "webhook-signature: ***"),
        ("[(b'x-api-key', b's3cret')]", "[(b'x-api-key', b***)]"),
        ('{"client_secret": "s3 cret", "a": 1}', '{"client_secret": ***, "a": 1}'),
        (r'"{\"id_token\": \"s3cret\", \"a\": 1}"', r'"{\"id_token\": ***\", \"a\": 1}"'),
        ("grant_type=x&client_secret=s3cret&a=b", "grant_type=x&client_secret=***&a=b"),
        ("GET /oidc/callback?code=s3cret&state=s3cret", "GET /oidc/callback?code=***&state=***"),
        ("back at /x?state=s3cret&code=s3cret", "back at /x?state=s3cret&code=***"),
        ("key sk_V2_s3cret of HeyGen", "key sk_V2_*** of HeyGen"),
        ("-----BEGIN PRIVATE KEY-----\ns3cret\n-----END", "-----BEGIN PRIVATE KEY-----***-----END"),
    ],
)  # fmt: skip
def test_each_kind_of_secret_is_known_by_its_look(text: str, shown: str) -> None:
    assert mask(text) == shown
    assert mask(shown) == shown, "twice is the same"


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/jobs?code=heygen_video_not_found&limit=50",
        "REELHOOK_SECRET_KEY must be set with Postgres: all processes share it",
        "sign in, or send an API key as Authorization: Bearer",
        "set REELHOOK_HEYGEN_API_KEY, or run `reelhook register`",
        "token: it has expired; 3 tokens=3",
        "https://slack.example.com/help?page=2",
        "the password is too short",
    ],
)
def test_what_only_speaks_of_secrets_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_a_secret_we_hold_is_hidden_whatever_it_looks_like_and_however_it_is_written() -> None:
    never_show("correct horse/battery", "postgres")
    assert mask("it was correct horse/battery") == "it was ***"
    assert mask("https://x/?a=correct%20horse%2Fbattery") == "https://x/?a=***"
    assert mask("postgres is away") == "postgres is away", "a short one may be a word of any message"


@pytest.mark.parametrize(
    "part", ["a-", "?code=", "/callback", "://a:", "?state=", "x-", "eyJ-", "secret=", "cookie:", "@"]
)
def test_a_long_text_of_somebody_else_does_not_hold_up_the_process(part: str) -> None:
    """It would take minutes if the steps grew with the square of the length."""
    text = part * (200_000 // len(part))
    assert len(mask(text)) <= len(text) + len(masking.HIDDEN)


SECRET = st.text(string.ascii_letters + string.digits, min_size=24, max_size=40)
# Where a secret may stand that nobody told us of: by its name, or by what is around it.
LOOKS = (
    "https://x/v.mp4?Expires=1&Signature={}&a=b",
    "https://x/?token={}",
    "https://x/sign-in#link={}",
    "redis://:{}@h:6379/0",
    "https://{}@h/1",
    "Authorization: Bearer {}",
    "Cookie: reelhook={}",
    "x-api-key: {}",
    "whsec_{}",
    "rhk_{}",
    "https://hooks.slack.com/services/{}",
    "client_secret={}",
    '{{"password": "{}"}}',
    "{{'api_key': '{}'}}",
    "[(b'cookie', b'a={}')]",
    "/webhooks/heygen/callback/{}",
)
NAMED = ("password", "api_key", "authorization", "set-cookie", "stream_token", "client_secret", "sentry_dsn")
PLACES = (
    lambda text: {"error": text},
    lambda text: {"error": ValueError(text)},
    lambda text: {"one": {"two": [{"three": (text,)}]}},
    lambda text: {"one": {text: 1}},
    lambda text: {"raw": text.encode()},
    lambda text: {"some": frozenset([text])},
    lambda text: {"exc_info": _raised(text)},
)


def _raised(text: str) -> Exception:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return error


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level, stderr = root.handlers[:], root.level, io.StringIO()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stderr))
    logs.configure("json")
    yield stderr
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_a_secret_in_any_place_of_a_line_never_comes_out(lines: io.StringIO) -> None:
    @settings(max_examples=examples(60), deadline=None)
    @given(SECRET, st.sampled_from(LOOKS), st.sampled_from(NAMED), st.sampled_from(PLACES), st.booleans())
    def holds(secret: str, look: str, name: str, place: Any, known: bool) -> None:
        if known:
            never_show(secret)
        text = secret if known else look.format(secret)
        lines.seek(0)
        lines.truncate()
        logs.get("test").error(text, **place(text), **{name: secret}, headers=[(name, secret), [name.encode(), secret]])
        logging.getLogger("another").error("it said %s", text)
        assert secret not in lines.getvalue()
        assert len([json.loads(line) for line in lines.getvalue().splitlines()]) == 2

    holds()


def test_what_is_scrubbed_keeps_its_shape() -> None:
    assert scrub({"a": [1, None, True, {"token": "x", "b": ("c", "d")}], "n": 1.5}) == {
        "a": [1, None, True, {"token": "***", "b": ["c", "d"]}],
        "n": 1.5,
    }
