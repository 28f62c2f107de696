"""One wide line per unit of work, with nothing secret in it."""

import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from reelhook import logs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://x/v.mp4?Expires=1&Signature=ab~c-_&Key-Pair-Id=K1", "https://x/v.mp4?Expires=1&Signature=***&Key-Pair-Id=***"),
        ("https://s3/x?X-Amz-Signature=ab&X-Amz-Credential=AK%2F&X-Amz-Security-Token=t", "https://s3/x?X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Security-Token=***"),
        ("GET /api/v1/stream?token=abc.def-ghi next", "GET /api/v1/stream?token=*** next"),
        ("https://us/sign-in#link=abc", "https://us/sign-in#link=***"),
        ("postgresql://user:pa55@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:p@ss/w:rd@host/db", "postgresql://user:***@host/db"),
        ("redis://:pa55@host:6379", "redis://:***@host:6379"),
        ("cloudinary://key:s3cret@cloud", "cloudinary://key:***@cloud"),
        ("/webhooks/heygen/callback/tok.en-1", "/webhooks/heygen/callback/***"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("key rhk_1234_abcdef and whsec_YWJj+/=", "key rhk_*** and whsec_***"),
        ("https://x/y?sig=a&policy=b&api_key=c&password=d&a=b", "https://x/y?sig=***&policy=***&api_key=***&password=***&a=b"),
    ],
)  # fmt: skip
def test_secrets_are_masked(text: str, shown: str) -> None:
    assert logs.mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080/videos",
        "http://[::1]:8080",
        "https://x/y?page=2&signatures=no",
        "a video for ada@example.com at 12:30",
        "http://127.0.0.1:8080/users/ada@example.com",
        "postgresql://user@host/db",
        "the bearer of this",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert logs.mask(text) == text


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes to stderr once logs are configured."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stderr = io.StringIO()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stderr))  # pytest exchanges the real one between phases
    yield stderr
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def last(lines: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return found


def test_a_line_is_one_json_object_with_its_level_and_time(lines: io.StringIO) -> None:
    logs.configure("json")
    logs.get("jobs").info("job.done", job="j1", took_s=0.5, tries=2, ok=True, none=None)
    line = last(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job.done",
        "level": "info",
        "job": "j1",
        "took_s": 0.5,
        "tries": 2,
        "ok": True,
        "none": None,
    }


def test_nothing_secret_gets_into_a_line_however_deep(lines: io.StringIO) -> None:
    logs.configure("json")
    link = "https://x/v.mp4?Signature=s3cret"
    logs.get("jobs").warning(
        f"got {link}",
        api_key="s3cret",
        headers={"Authorization": "s3cret", "x-api-key": "s3cret", "via": [link, ("a", link)]},
        error=ValueError(link),
        password=None,
        some={link},
    )
    assert "s3cret" not in lines.getvalue()
    assert last(lines)["headers"]["via"][1][0] == "a"
    assert "ValueError" in last(lines)["error"]


@pytest.mark.parametrize("style", ["json", "console"])
def test_tracebacks_are_masked_too(lines: io.StringIO, style: str) -> None:
    logs.configure(style)
    try:
        raise ValueError("https://x/v.mp4?Signature=s3cret")
    except ValueError as error:
        logs.get("jobs").error("it.broke", exc_info=error)
        logging.getLogger("somebody.else").error("it broke at %s", "https://x?token=s3cret", exc_info=error)
    assert "s3cret" not in lines.getvalue()
    assert lines.getvalue().count("Traceback") == 2


def test_what_others_say_too_often_is_left_out(lines: io.StringIO) -> None:
    logs.configure("auto")
    logging.getLogger("alembic").info("will assume transactional DDL")
    assert lines.getvalue() == ""


def test_a_terminal_gets_lines_for_people(lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "isatty", lambda: True)
    logs.configure("auto")
    logs.get("jobs").info("job.done", job="j1")
    assert "job.done" in lines.getvalue()
    with pytest.raises(json.JSONDecodeError):
        last(lines)
