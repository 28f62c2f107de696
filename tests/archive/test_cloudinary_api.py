"""What Cloudinary's answers mean, over real sockets and through the real SDK; and that no call takes for ever."""

import asyncio
import json
import threading
import time
from typing import Any

import pytest
from aiohttp import web

from reelhook.archive import Account
from reelhook.archive.errors import PlanLimit, StoreDown, StoreRefused, StoreUnauthorized, StoreUnavailable
from reelhook.archive.stores.cloudinary_api import CloudinaryApi, Until
from reelhook.archive.stores.cloudinary_errors import SourceNotLoaded, explained
from reelhook.errors import Blame, ReelhookError
from tests.archive.host import Answer, Host, status

UPLOAD, USAGE = "/v1_1/c/video/upload", "/v1_1/c/usage"


def says(code: int, message: str, **headers: str) -> Answer:
    return status(code, json.dumps({"error": {"message": message}}).encode(), **headers)


def api(host: Host, call_s: float = 20) -> CloudinaryApi:
    return CloudinaryApi(Account("c", "k", "s", host.url), call_s=call_s)


async def upload_fails(host: Host, answer: Answer, call_s: float = 20) -> ReelhookError:
    host.put(UPLOAD, answer)
    calls = api(host, call_s)
    with pytest.raises(ReelhookError) as caught:
        await calls.upload(("v.mp4", b"x" * 1000), "video", public_id="p")
    calls.close()
    return caught.value


FOR_GOOD = [
    (says(400, "Invalid image file"), "refused the file (400): Invalid image file"),
    (says(403, "no permission"), "refused the file (403): no permission"),
    (says(404, "Resource not found - p"), "refused the file (404)"),
    (says(409, "exists"), "refused the file (409)"),
    (says(413, "Request body is too large"), "refused the file (413)"),
    (status(413, b"<html>Payload Too Large</html>"), "refused the file (413)"),
    (says(420, "You don't have an active subscription for this add-on"), "an add-on that is not subscribed to"),
]
LATER = [
    (says(423, "Resource is being processed"), "answers 423"),
    (says(499, "timeout"), "answers 499"),
    (says(500, "General Error"), "answers 500"),
    (says(502, "Bad gateway"), "answers 502"),
    (status(502, b"<html>Bad Gateway</html>"), "answers 502"),
    (says(503, "General Error", Retry_After="3600"), "answers 503"),
    (status(504, b""), "answers 504"),
    (says(200, "General Error"), "Cloudinary: General Error"),
    (status(200, b"<html>odd</html>"), "Cloudinary: "),
    (status(200, b'"odd"'), "Cloudinary"),
    (status(200, b"[1]"), "Cloudinary"),
    (status(200, b"null"), "Cloudinary did not answer"),
]


DOWN = [
    (says(401, "Invalid Signature abc. String to sign - 'public_id=p'."), "does not accept the key or secret"),
    (says(400, "Stale request - reported time is 2024-04-11 which is more than 1 hour ago"), "clock is wrong"),
    (says(420, "Rate Limit Exceeded"), "rate limit is reached"),
    (says(429, "Too many"), "rate limit is reached"),
]


@pytest.mark.parametrize(("answer", "words"), FOR_GOOD)
async def test_a_no_that_stays_a_no(host: Host, answer: Answer, words: str) -> None:
    error = await upload_fails(host, answer)
    assert type(error) is StoreRefused
    assert not error.retryable
    assert words in error.message
    assert host.asked(UPLOAD) == 1


@pytest.mark.parametrize(("answer", "words"), LATER)
async def test_trouble_that_passes(host: Host, answer: Answer, words: str) -> None:
    error = await upload_fails(host, answer)
    assert type(error) is StoreUnavailable
    assert (error.retryable, error.blame) == (True, Blame.UNCLEAR)
    assert words in error.message
    assert host.asked(UPLOAD) == 1


@pytest.mark.parametrize(("answer", "words"), DOWN)
async def test_trouble_that_everything_would_meet(host: Host, answer: Answer, words: str) -> None:
    error = await upload_fails(host, answer)
    assert isinstance(error, StoreDown)
    assert (error.retryable, error.blame) == (True, Blame.DESTINATION)
    assert words in error.message
    assert host.asked(UPLOAD) == 1


async def test_the_plans_limit_is_named(host: Host) -> None:
    error = await upload_fails(host, says(400, "File size too large. Got 5. Maximum is 4."))
    assert type(error) is PlanLimit
    assert "has 5 bytes, and the Cloudinary plan allows 4" in error.message


@pytest.mark.parametrize("code", [400, 404])
def test_a_source_it_could_not_load_is_ours_to_relay(code: int) -> None:
    error = explained(code, "Error in loading https://h/a.mp4?Expires=1&Signature=SECRET - 403 Forbidden")
    assert type(error) is SourceNotLoaded
    assert "SECRET" not in error.message
    assert "https://h/a.mp4?… - 403 Forbidden" in error.message


@pytest.mark.parametrize(
    ("said", "fresh"),
    [
        ("403 Forbidden", True),
        ("404 Not Found", True),
        ("410 Gone", True),
        ("503 Service Unavailable", False),
        ("ERR_DNS_FAIL 0", False),
        ("Connection timed out", False),
        ("something new", True),
    ],
)
def test_what_the_source_answered_decides_whether_a_fresh_link_may_help(said: str, fresh: bool) -> None:
    error = explained(400, f"Error in loading https://h/a.mp4 - {said}")
    assert (error.retryable, error.needs_fresh_link) == (True, fresh)


async def test_a_host_that_is_not_there(host: Host) -> None:
    calls = CloudinaryApi(Account("c", "k", "s", "http://127.0.0.1:9"))
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await calls.upload(("v.mp4", b"x"), "video", public_id="p")
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await calls.media_limits()
    calls.close()


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_call_that_gets_no_answer_ends_at_its_limit(host: Host) -> None:
    began = time.monotonic()
    error = await upload_fails(host, silent, call_s=0.3)
    assert "did not answer" in error.message
    assert 0.3 <= time.monotonic() - began < 20
    assert host.asked(UPLOAD) == 1


async def test_sending_a_body_to_a_slow_reader_ends_at_the_limit() -> None:
    """urllib3 would give the sending the time meant for connecting, or none at all."""

    async def read_little(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    server = await asyncio.start_server(read_little, "127.0.0.1", 0, limit=1024)
    port = server.sockets[0].getsockname()[1]
    calls = CloudinaryApi(Account("c", "k", "s", f"http://127.0.0.1:{port}"), call_s=0.5)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await calls.upload(("v.mp4", bytes(20_000_000)), "video", public_id="p")
    assert 0.4 < time.monotonic() - began < 20
    calls.close()
    gone.set()
    server.close()
    await server.wait_closed()


async def test_a_question_about_the_plan_ends_at_its_limit_and_is_not_repeated(host: Host) -> None:
    host.put(USAGE, silent)
    calls = api(host, 0.3)
    with pytest.raises(StoreUnavailable):
        await calls.media_limits()
    assert host.asked(USAGE) == 1
    calls.close()


@pytest.mark.parametrize(("code", "error"), [(401, StoreUnauthorized), (404, StoreRefused), (423, StoreUnavailable)])
async def test_trouble_with_the_plan_is_known_by_its_status(host: Host, code: int, error: type[Exception]) -> None:
    host.put(USAGE, says(code, "no"))
    calls = api(host)
    with pytest.raises(error):
        await calls.media_limits()
    calls.close()


async def test_a_plan_without_limits_has_none(host: Host) -> None:
    host.put(USAGE, status(200, b'{"plan": "Free"}'))
    calls = api(host)
    assert await calls.media_limits() == {}
    calls.close()


def test_the_deadline_is_one_for_all_tries() -> None:
    """urllib3 clones the timeout for every try to connect."""
    timeout = Until(60)
    first = timeout.clone().connect_timeout
    time.sleep(0.05)  # the deadline is the machine's own; nothing waits for a condition here
    second = timeout.clone().connect_timeout
    assert 60 >= first > second + 0.04
    assert Until(0.001).clone().connect_timeout == pytest.approx(0.05)


async def test_destroying_says_when_it_did_not(host: Host) -> None:
    host.put("/v1_1/c/video/destroy", status(200, b'{"result": "pending"}'))
    calls = api(host)
    with pytest.raises(StoreUnavailable, match="did not delete p: pending"):
        await calls.destroy("p", "video")
    calls.close()


async def test_nothing_of_the_process_wide_configuration_is_used(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    import cloudinary

    seen: list[Any] = []

    async def look(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers.get("Authorization"), await request.text()))
        return await status(200, b'{"public_id": "p"}')(request)

    with_everything = cloudinary.Config()
    with_everything.update(
        cloud_name="other", api_key="other", api_secret="other", oauth_token="token", upload_preset="preset",
        upload_prefix="http://127.0.0.1:9", signature_algorithm="sha256",
    )  # fmt: skip
    monkeypatch.setattr(cloudinary, "config", lambda: with_everything)
    host.put(UPLOAD, look)
    calls = api(host)
    await calls.upload(("v.mp4", b"x"), "video", public_id="p")
    authorization, body = seen[0]
    assert authorization is None
    assert "preset" not in body
    assert "other" not in body
    calls.close()


async def test_the_loop_runs_while_a_call_is_under_way(host: Host) -> None:
    here = threading.get_ident()
    calls = api(host)
    assert await calls.in_thread(threading.get_ident) != here
    calls.close()
