"""One wide line per unit of work, with nothing secret in it."""

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from reelhook import logs, masking
from reelhook.kit.thinning import WHOLE, WINDOW_S
from tests.conftest import StillClock


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


def written(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def last(lines: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return found


def test_a_line_is_one_json_object_with_its_level_and_time(lines: io.StringIO) -> None:
    logs.configure("json")
    logs.get("jobs").info("job.done", job="j1", took_s=0.5, tries=2, ok=True, none=None)
    line = last(lines)
    assert list(line)[:4] == ["timestamp", "level", "event", "job"]
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


def test_levels_hold_for_all_and_for_single_rooms(lines: io.StringIO) -> None:
    logs.configure("json", "warning", {"jobs": "debug", "ingest": "error"})
    for room in ("jobs", "ingest", "api"):
        for level in ("debug", "info", "warning", "error"):
            getattr(logs.get(room), level)(f"{room}.{level}")
    assert [line["event"] for line in written(lines)] == [
        "jobs.debug", "jobs.info", "jobs.warning", "jobs.error", "ingest.error", "api.warning", "api.error",
    ]  # fmt: skip


def test_what_others_say_is_not_shown_more_of_than_usual(lines: io.StringIO) -> None:
    logs.configure("json", "debug")
    logging.getLogger("aiohttp").debug("every byte")
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("aiohttp").warning("oh")
    assert [line["event"] for line in written(lines)] == ["oh"]


def test_more_fields_can_be_hidden_and_none_of_the_secret_ones_shown(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masking, "_held", masking._Held())
    masking.hide_fields("Remote", "bytes")
    logs.configure("json")
    logs.get("ingest").info(
        "x", remote="192.0.2.7", bytes=12, deep={"remote": ["192.0.2.7"]}, api_key="s3cret", type="t"
    )
    line = last(lines)
    assert (line["remote"], line["bytes"], line["deep"], line["api_key"]) == ("***", "***", {"remote": "***"}, "***")
    assert line["type"] == "t"


def test_lines_name_what_their_unit_of_work_is_about(lines: io.StringIO) -> None:
    logs.configure("json")
    with logs.unit(job_id="j1", video_id=None):
        logs.about(video_id="v1", event_id=None)
        logs.get("jobs").info("inside")
        logging.getLogger("another.library").warning("inside too")
    logs.get("jobs").info("outside")
    told = [{name: line[name] for name in line if name.endswith("_id")} for line in written(lines)]
    assert told == [{"job_id": "j1", "video_id": "v1"}] * 2 + [{}]


def test_a_flood_of_equal_lines_is_thinned_and_says_so(lines: io.StringIO, clock: StillClock) -> None:
    logs.configure("json", clock=clock)
    for number in range(WHOLE + 50):
        logs.get("ingest").warning("delivery.refused", code="missing_signature", number=number)
        logging.getLogger("another.library").warning("oh no")
    logs.get("ingest").warning("delivery.refused", code="too_large")
    assert Counter((line["event"], line.get("code")) for line in written(lines)) == {
        ("delivery.refused", "missing_signature"): WHOLE,
        ("oh no", None): WHOLE,
        ("delivery.refused", "too_large"): 1,
    }
    clock.move(WINDOW_S)
    logs.get("app").info("whatever comes next")
    told = {line["of"]: (line.get("why"), line["suppressed"]) for line in written(lines) if "suppressed" in line}
    assert told == {"delivery.refused": ("missing_signature", 50), "oh no": (None, 50)}


def test_a_line_that_a_flood_would_swallow_need_not_be_made_and_is_counted(
    lines: io.StringIO, clock: StillClock
) -> None:
    logs.configure("json", clock=clock)
    made = 0
    for _ in range(WHOLE + 50):
        if not logs.swallowed("delivery.accepted"):
            made += 1
            logs.get("ingest").info("delivery.accepted", event_id="e1")
    assert made == WHOLE == len(written(lines))
    clock.move(WINDOW_S)
    assert not logs.swallowed("delivery.accepted"), "a new second has begun"
    assert (last(lines)["of"], last(lines)["suppressed"]) == ("delivery.accepted", 50)


def test_the_end_of_the_process_tells_the_rest(lines: io.StringIO, clock: StillClock) -> None:
    logs.configure("json", clock=clock)
    for _ in range(WHOLE + 3):
        logs.get("ingest").info("delivery.accepted")
    logs.flush()
    assert (last(lines)["event"], last(lines)["suppressed"]) == ("lines.left_out", 3)
    logs.flush()
    assert len(written(lines)) == WHOLE + 1


def test_each_kind_of_error_shows_its_first_traceback_and_all_are_heard(lines: io.StringIO, clock: StillClock) -> None:
    logs.configure("json", clock=clock)
    heard: list[str] = []
    stop = logs.on_crash(lambda error, _: heard.append(type(error).__name__))
    try:
        for error in [*[ValueError("v")] * (WHOLE + 20), KeyError("k")]:
            logs.get("jobs").error("job.surprised", kind="prune", exc_info=error)
    finally:
        stop()
    assert Counter(heard) == {"ValueError": WHOLE + 20, "KeyError": 1}
    assert sum("KeyError" in line["exception"] for line in written(lines)) == 1
    assert sum("ValueError" in line["exception"] for line in written(lines)) == WHOLE
