"""The check by hand: the same diagnosis for a request one has at hand, of which nothing is kept."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import structlog

from reelhook.api import create_api
from reelhook.auth.principal import Principal, local_admin, local_scraper
from reelhook.db.tables import audit, rejection_counts, rejections
from reelhook.events import sign
from reelhook.inbox.reasons import REASONS
from reelhook.ingest.checking import MOST_BODY, router
from tests.inbox.test_endpoints import known

from .conftest import SECRET, Scene

PATH = "/api/v1/signature-check"
BODY = '{"event_type": "avatar_video.success", "title": "Grüße"}'


def client_of(scene: Scene, principal: Principal) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=known(create_api(router(scene.book)), principal))
    return httpx2.AsyncClient(transport=transport, base_url="http://reelhook")


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[httpx2.AsyncClient]:
    await scene.book.load()
    async with client_of(scene, local_admin()) as client:
        yield client


async def asked(client: httpx2.AsyncClient, **question: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={"body": BODY, "headers": {}} | question)
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_right_signature_names_its_header_and_secret(client: httpx2.AsyncClient, scene: Scene) -> None:
    told = await asked(client, headers={"Heygen-Signature": sign(BODY.encode(), SECRET)})
    (held,) = scene.book.held
    assert told == {
        "right": True,
        "reason": None,
        "title": "Right",
        "detail": f"The header heygen-signature holds the right signature, made with the secret {held.secret.id}.",
        "advice": None,
        "header": "heygen-signature",
        "secret_id": held.secret.id,
        "secret_state": "live",
        "bytes": len(BODY.encode()),
        "secrets": 1,
    }


async def test_a_retired_secret_is_told_as_such(client: httpx2.AsyncClient, scene: Scene) -> None:
    (held,) = scene.book.held
    scene.secrets[:] = ["whsec_the_new_one"]
    await scene.book.load()
    told = await asked(client, headers={"signature": sign(BODY.encode(), SECRET)})
    assert (told["reason"], told["secret_id"], told["secret_state"]) == ("retired_secret", held.secret.id, "retired")
    assert told["secrets"] == 2


@pytest.mark.parametrize(
    ("signed", "expected", "state"),
    [(BODY, None, "given"), (BODY + "\n", "body_whitespace", "given"), ("else", "wrong_secret", None)],
)
async def test_a_given_secret_is_tried_alone_and_without_the_space_around_it(
    signed: str, expected: str | None, state: str | None, client: httpx2.AsyncClient
) -> None:
    mine = "whsec_my_own_secret"
    told = await asked(client, headers={"signature": sign(signed.encode(), mine)}, secret=f" {mine}\n")
    assert (told["reason"], told["right"], told["secret_state"]) == (expected, expected is None, state)
    assert (told["secret_id"], told["secrets"]) == (None, 1)
    assert told["advice"] == (REASONS[expected].advice if expected else None)
    assert "you gave" in told["detail"] or expected == "body_whitespace"
    told = await asked(client, headers={"signature": sign(BODY.encode(), SECRET)}, secret=mine)
    assert told["reason"] == "wrong_secret"


async def test_a_body_may_be_given_byte_for_byte(client: httpx2.AsyncClient) -> None:
    raw = b"\xff\x00\n"
    told = await asked(
        client, body=None, body_base64=base64.b64encode(raw).decode(), headers={"signature": sign(raw, SECRET)}
    )
    assert (told["right"], told["bytes"]) == (True, 3)


async def test_nothing_of_it_is_kept_or_logged(client: httpx2.AsyncClient, scene: Scene) -> None:
    with structlog.testing.capture_logs() as logged:
        told = await asked(client, headers={"signature": SECRET}, secret=SECRET)
    assert told["reason"] == "secret_sent"
    assert logged == []
    await scene.rejections.counts.flush()
    for table in (rejections, rejection_counts):
        assert await scene.rows(table) == []
    assert {row.actor for row in await scene.rows(audit)} <= {"settings"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"body": None}, "body"),
        ({"body_base64": "YQ=="}, "body"),
        ({"body": None, "body_base64": "é"}, "body"),
        ({"body": "x" * (MOST_BODY + 1)}, "body.body"),
        ({"headers": {f"x-{number}": "" for number in range(65)}}, "body.headers"),
        ({"headers": {"a b": ""}}, "body.headers"),
        ({"headers": {"signature": "x" * 4097}}, "body.headers.signature"),
        ({"headers": {"signature": 1}}, "body.headers.signature"),
        ({"headers": None}, "body.headers"),
        ({"secret": " "}, "body.secret"),
        ({"secret": "s" * 501}, "body.secret"),
        ({"unknown": 1}, "body.unknown"),
    ],
)
async def test_a_question_that_is_not_one_is_refused_with_the_place(
    wrong: dict[str, Any], path: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.post(PATH, json={"body": BODY, "headers": {}} | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")
    assert answer.json()["faults"][0]["path"].startswith(path)
    assert "s" * 20 not in answer.text


async def test_it_needs_the_scope(scene: Scene) -> None:
    async with client_of(scene, local_scraper()) as client:
        assert (await client.post(PATH, json={"body": "", "headers": {}})).status_code == 403
