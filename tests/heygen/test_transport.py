from contextlib import nullcontext

import pytest
from aiohttp import ClientTimeout

from reelhook.errors import WrongSetting
from reelhook.heygen import (
    HeyGen,
    HeyGenBusy,
    HeyGenError,
    HeyGenRefused,
    HeyGenUnauthorized,
    HeyGenUnavailable,
    RequestInProgress,
)
from reelhook.heygen import transport as module
from reelhook.kit.http import guarded_session
from tests.measured import measured

from .conftest import KEY, FakeHeyGen, StoppedClock


async def test_a_call_carries_the_key_and_only_what_it_needs(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": 1})
    assert await heygen.call("things", "GET", "/v3/things", "show things", query={"a": "x&y", "b": None, "c": 1}) == {
        "data": 1
    }
    (asked,) = server.asked
    assert asked.line == "GET /v3/things?a=x%26y&c=1"
    assert asked.headers["X-Api-Key"] == KEY
    assert "Authorization" not in asked.headers
    assert "Idempotency-Key" not in asked.headers
    assert asked.body is None


async def test_a_body_goes_out_as_json(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({})
    await heygen.call("things", "POST", "/x", "do it", body={"ü": 1}, idempotency_key="k")
    assert server.asked[0].body == {"ü": 1}
    assert server.asked[0].headers["Content-Type"] == "application/json"
    assert server.asked[0].headers["Idempotency-Key"] == "k"


async def test_an_empty_answer_is_fine_when_it_says_so(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with(b"", 204)
    assert await heygen.call("things", "DELETE", "/x", "do it") == {}


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"null", b"\xff"])
async def test_an_answer_that_is_no_object_is_worth_a_retry(server: FakeHeyGen, heygen: HeyGen, answer: bytes) -> None:
    server.answers_with(answer)
    with pytest.raises(HeyGenUnavailable, match="asked to do it is no JSON object") as caught:
        await heygen.call("things", "GET", "/x", "do it")
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("status", "kind"), [(401, HeyGenUnauthorized), (429, HeyGenBusy), (400, HeyGenRefused), (502, HeyGenUnavailable)]
)
async def test_an_error_without_json_is_judged_by_its_status(
    server: FakeHeyGen, heygen: HeyGen, status: int, kind: type[Exception]
) -> None:
    server.answers_with(b"<html>Bad</html>", status)
    with pytest.raises(kind):
        await heygen.call("things", "GET", "/x", "do it")


async def test_an_error_keeps_heygens_words_the_wait_and_the_request_id(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(429, "rate_limit_exceeded", "Slow down.", **{"Retry-After": "9", "X-Request-Id": "r7"})
    with pytest.raises(HeyGenBusy, match=r"too busy to do it: Slow down\. \(request r7\)") as caught:
        await heygen.call("things", "GET", "/x", "do it")
    assert (caught.value.retry_after_s, caught.value.heygen_code) == (9, "rate_limit_exceeded")


async def test_a_request_still_running_can_be_asked_again(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(409, "request_in_progress")
    with pytest.raises(RequestInProgress):
        await heygen.call("things", "POST", "/x", "do it")


async def test_no_message_repeats_the_key_or_the_signature_of_a_link(server: FakeHeyGen, heygen: HeyGen) -> None:
    said = f"bad key {KEY} or link https://h/a.mp4?Expires=1&Signature=abc~def&Key-Pair-Id=K3"
    server.refuses_with(400, "invalid_parameter", said)
    with pytest.raises(HeyGenRefused) as caught:
        await heygen.call("things", "GET", "/x", "do it")
    for text in (caught.value.message, str(caught.value), repr(caught.value)):
        assert "bad key *** or link" in text
        assert KEY not in text
        assert "abc~def" not in text
        assert "K3" not in text


async def test_a_redirect_is_not_followed_for_it_would_carry_the_key_away(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with(b"", 302, Location=f"http://{server.address}/elsewhere")
    with pytest.raises(HeyGenRefused, match="REELHOOK_HEYGEN_BASE_URL"):
        await heygen.call("things", "GET", "/x", "do it")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "ok"), (429, "429"), (404, "4xx"), (503, "5xx"), (302, "3xx"), (None, "unreachable")]
)
async def test_a_call_is_counted_by_how_it_ended(
    server: FakeHeyGen, heygen: HeyGen, status: int | None, outcome: str
) -> None:
    before = measured("reelhook_heygen_calls_total", call="things", outcome=outcome)
    if status is None:
        server.hangs_up()
    else:
        server.answers_with({}, status)
    with nullcontext() if status == 200 else pytest.raises(HeyGenError):
        await heygen.call("things", "POST", "/x", "do it")
    assert measured("reelhook_heygen_calls_total", call="things", outcome=outcome) == before + 1


async def test_nothing_is_retried(server: FakeHeyGen, heygen: HeyGen) -> None:
    with pytest.raises(HeyGenUnavailable, match="it answered 500"):
        await heygen.call("things", "GET", "/x", "do it")
    assert len(server.asked) == 1


async def test_a_connection_that_breaks_is_worth_a_retry(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.hangs_up()
    with pytest.raises(HeyGenUnavailable, match="asked to do it, but was not reached: Server disconnected"):
        await heygen.call("things", "POST", "/x", "do it", body={})


async def test_an_answer_without_end_is_cut_off(
    server: FakeHeyGen, heygen: HeyGen, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.MOST_BYTES == 8 * 1024 * 1024
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    server.answers_with(b" " * 98 + b"{}")
    assert await heygen.call("things", "GET", "/x", "do it") == {}
    server.answers_with(b" " * 99 + b"{}")
    with pytest.raises(HeyGenUnavailable, match="longer than 100 bytes"):
        await heygen.call("things", "GET", "/x", "do it")


async def test_silence_is_cut_off(server: FakeHeyGen, heygen: HeyGen, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.TIMEOUT.total is not None
    assert module.TIMEOUT.total <= 30
    monkeypatch.setattr(module, "TIMEOUT", ClientTimeout(total=1e-6))
    with pytest.raises(HeyGenUnavailable, match="did not answer within 1e-06 s") as caught:
        await heygen.call("things", "GET", "/x", "do it")
    assert caught.value.retryable


async def test_a_private_address_that_is_not_allowed_is_named(server: FakeHeyGen) -> None:
    async with guarded_session() as session:
        with pytest.raises(HeyGenUnavailable, match="REELHOOK_FETCH_ALLOW"):
            await HeyGen(session, f"http://{server.address}", KEY, StoppedClock()).check()
    assert server.asked == []


@pytest.mark.parametrize("key", ["", " \n", "sk\nX-Evil: 1", "schlüssel"])
async def test_a_key_that_cannot_be_one_stops_the_start(key: str) -> None:
    async with guarded_session() as session:
        with pytest.raises(WrongSetting, match="REELHOOK_HEYGEN_API_KEY"):
            HeyGen(session, "https://api.heygen.com", key, StoppedClock())


async def test_a_toy_key_does_not_eat_words(server: FakeHeyGen) -> None:
    async with guarded_session({server.address}) as session:
        with pytest.raises(HeyGenUnavailable, match="could not do it"):
            await HeyGen(session, f"http://{server.address}", "do", StoppedClock()).call("things", "GET", "/x", "do it")
