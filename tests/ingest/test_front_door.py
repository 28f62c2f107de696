"""What HeyGen is answered: probes at once, what it signed with 200 after the commit, the rest with the reason."""

import asyncio
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from reelhook.db.tables import delivery_attempts, events, rejections
from reelhook.events import sign
from reelhook.inbox import store

from .conftest import SECRET, Scene, signed
from .serving import ask, connected, request

EVENT = {"event_type": "avatar_video.success", "event_data": {"video_id": "hv1"}}
BODY = orjson.dumps(EVENT)


def odd(**changes: Any) -> bytes:
    return orjson.dumps(EVENT | changes)


ODD = {
    "empty": (b"", "unparseable"),
    "not json": (b"hello", "unparseable"),
    "an array": (b"[1]", "unparseable"),
    "null": (b"null", "unparseable"),
    "a string": (b'"x"', "unparseable"),
    "deeply nested": (b"[" * 100_000 + b"]" * 100_000, "unparseable"),
    "deeply nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "unparseable"),
    "not utf-8": (b'{"event_type":"\xff\xfe"}', "unparseable"),
    "nul": (b'{"event_type":"a\\u0000b"}', "ab"),
    "a raw nul": (b'{"event_type":"a\x00b"}', "unparseable"),
    "a lone surrogate": (b'{"event_type":"a\\ud800b"}', "ab"),
    "an unknown type": (odd(event_type="from_the_future.success"), "from_the_future.success"),
    "no type": (b"{}", "unknown"),
    "a number as type": (b'{"event_type":7}', "7"),
    "null ids": (odd(event_id=None, event_data={"video_id": None}), "avatar_video.success"),
    "null data": (odd(event_data=None), "avatar_video.success"),
    "extra keys": (odd(extra={"a": [1]}, another=1.5), "avatar_video.success"),
    "a huge number": (b'{"event_type":"a","n":' + b"9" * 5000 + b"}", "unparseable"),
    "exactly one mebibyte": (b"x" * 1024 * 1024, "unparseable"),
}


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "GET"])
async def test_probes_are_answered_without_the_database(method: str, scene: Scene) -> None:
    scene.db.close()
    async with scene.serve() as port:
        answer = await ask(port, request(method=method), head=method == "HEAD")
    assert (answer.status, answer.headers["allow"], answer.body) == (200, "POST, GET, HEAD, OPTIONS", b"")


async def test_other_methods_are_405(port: int) -> None:
    answer = await ask(port, request(method="PUT"))
    assert (answer.status, answer.code) == (405, "method_not_allowed")


async def test_a_right_signature_is_answered_with_the_event(port: int, scene: Scene) -> None:
    first, second = await ask(port, signed(BODY)), await ask(port, signed(BODY))
    (event,) = await scene.rows(events)
    assert (first.status, first.headers["content-type"]) == (200, "application/json")
    assert first.json == {"event_id": event.id, "duplicate": False}
    assert second.json == {"event_id": event.id, "duplicate": True}
    assert (event.type, event.resource_id, event.source, event.body) == (
        "avatar_video.success",
        "hv1",
        "webhook",
        BODY,
    )
    attempts = await scene.rows(delivery_attempts)
    assert [(attempt.remote, attempt.signature_header) for attempt in attempts] == [("127.0.0.1", "signature")] * 2


@pytest.mark.parametrize(("body", "kind"), ODD.values(), ids=ODD.keys())
async def test_whatever_is_signed_is_stored_and_acknowledged(body: bytes, kind: str, port: int, scene: Scene) -> None:
    answer = await ask(port, signed(body, content_type="text/html; charset=klingon"))
    (event,) = await scene.rows(events)
    assert (answer.status, answer.json["event_id"]) == (200, event.id)
    assert (event.type, event.body) == (kind, body)


@pytest.mark.parametrize(
    "headers",
    [
        {"signature": "{}"},
        {"Signature": "{}"},
        {"heygen_signature": "{}"},
        {"Heygen-Signature": "sha256={}"},
        {"signature": "  {}  "},
        {"signature": "SHA256={}"},
        {"signature": "not a signature", "heygen_signature": "{}"},
        {"signature": "0" * 64, "heygen_signature": "{}"},
    ],
)
@pytest.mark.parametrize("upper", [False, True])
async def test_every_form_of_the_signature_is_accepted(headers: dict[str, str], upper: bool, port: int) -> None:
    digest = sign(BODY, SECRET)
    made = {name: value.format(digest.upper() if upper else digest) for name, value in headers.items()}
    assert (await ask(port, request(BODY, **made))).status == 200


async def test_every_live_secret_is_accepted(scene: Scene) -> None:
    scene.secrets[:] = ["whsec_new", "whsec_old"]
    await scene.book.load()
    async with scene.serve() as port:
        for secret in scene.secrets:
            assert (await ask(port, signed(BODY, secret))).status == 200
        assert (await ask(port, signed(BODY, "whsec_other"))).status == 401


async def test_an_event_id_in_the_body_goes_before_one_in_the_header(port: int, scene: Scene) -> None:
    await ask(port, signed(odd(event_id="in-body"), heygen_event_id="in-header"))
    await ask(port, signed(BODY, heygen_event_id="in-header"))
    assert [event.heygen_event_id for event in await scene.rows(events)] == ["in-body", "in-header"]


async def test_without_a_secret_nothing_is_let_in(scene: Scene) -> None:
    scene.secrets[:] = []
    await scene.book.load()
    async with scene.serve() as port:
        answers = [await ask(port, signed(BODY)), await ask(port, request(BODY))]
    assert [(one.status, one.code, one.headers["retry-after"]) for one in answers] == [(503, "no_secret", "60")] * 2


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (request(BODY), "no_signature"),
        (request(BODY, signature="abc"), "malformed_signature"),
        (signed(BODY, "whsec_wrong"), "wrong_secret"),
        (request(BODY, signature=sign(orjson.dumps(EVENT, option=orjson.OPT_INDENT_2), SECRET)), "reserialised_json"),
        (request(orjson.dumps(EVENT, option=orjson.OPT_INDENT_2), signature=sign(BODY, SECRET)), "reserialised_json"),
        (request(BODY, path=f"/webhooks/heygen?token={SECRET}"), "secret_sent"),
    ],
)
async def test_a_refusal_says_why_and_can_be_read_at_once(made: bytes, reason: str, port: int, scene: Scene) -> None:
    answer = await ask(port, made)
    (kept,) = await scene.rows(rejections)
    assert (answer.status, answer.code, answer.headers["content-type"]) == (401, reason, "application/problem+json")
    assert (kept.reason, kept.status, kept.detail, kept.remote) == (reason, 401, answer.json["detail"], "127.0.0.1")
    assert await scene.rows(events) == []


async def test_a_retired_secret_is_named_but_not_shown(scene: Scene) -> None:
    await scene.book.load()
    scene.secrets[:] = ["whsec_new"]
    await scene.book.load()
    async with scene.serve() as port:
        answer = await ask(port, signed(BODY, SECRET))
    assert (answer.status, answer.code) == (401, "retired_secret")
    assert SECRET not in answer.json["detail"]


async def test_a_commit_that_fails_is_a_503_with_a_time_to_come_back(port: int, scene: Scene) -> None:
    pages = scene.db.write_now(lambda tx: tx.execute(text("PRAGMA page_count")).scalar_one())
    scene.db.write_now(lambda tx: tx.execute(text(f"PRAGMA max_page_count={pages}")))
    answer = await ask(port, signed(b"x" * 100_000))
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "database_unavailable", "5")
    scene.db.write_now(lambda tx: tx.execute(text("PRAGMA max_page_count=1000000")))
    assert (await ask(port, signed(b"x" * 100_000))).json["duplicate"] is False


async def test_a_bug_in_the_store_is_a_503_too(port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "commit", lambda *_: 1 / 0)
    answer = await ask(port, signed(BODY))
    assert (answer.status, answer.code) == (503, "database_unavailable")


async def test_fifty_copies_over_fifty_connections_are_one_event(port: int, scene: Scene) -> None:
    answers = await asyncio.gather(*(ask(port, signed(BODY)) for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert [answer.json["duplicate"] for answer in answers].count(False) == 1
    assert (len(await scene.rows(events)), len(await scene.rows(delivery_attempts))) == (1, 50)


async def test_a_connection_serves_on_after_200_and_after_401(port: int) -> None:
    async with connected(port) as line:
        for made, status in ((signed(BODY), 200), (request(BODY), 401), (signed(b"2"), 200)) * 3:
            await line.send(made)
            assert (await line.answer()).status == status


async def test_pipelined_requests_are_answered_in_order(port: int, scene: Scene) -> None:
    bodies = [b"%d" % number * 3000 for number in range(8)]
    async with connected(port) as line:
        await line.send(b"".join(signed(body) for body in bodies))
        told = [(await line.answer()).json["event_id"] for _ in bodies]
    stored = {event.id: event.body for event in await scene.rows(events)}
    assert [stored[event_id] for event_id in told] == bodies
